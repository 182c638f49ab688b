"""What becomes of what is due: dedupe, bundle, throttle. Pure; `domain/claims.py` feeds it and acts on it."""
