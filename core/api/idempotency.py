"""`Idempotency-Key` on POST: the same key and body answer the same, and act once."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.crypto import seal, unseal
from core.errors import IllegalState, Invalid
from core.http.now import request_now
from core.models import IdempotentAnswer

KEPT = timedelta(hours=24)


def once(request: Request, act: Callable[[], Response], *, unkept: Sequence[str] = ()) -> Response:
    """Run `act` for this request, or give the answer it gave before for the same key.

    The row is claimed before acting, so of two concurrent posts with one key the second waits and
    then gets the first's answer, where the fields named `unkept` are empty: what is shown once is kept
    nowhere. A refusal is not remembered: mend the request and use the key again.
    Raises Invalid for an unusable key, IllegalState when the key was used for another request.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return act()
    if len(key) > 200 or not key.isprintable():
        raise Invalid(
            "Idempotency-Key is at most 200 printable characters.", fields={"Idempotency-Key": "unusable"}
        )
    now = request_now(request._request)
    with transaction.atomic():
        answer = _claim(request, key, now)
        if answer.status is not None:
            data, headers = _opened(answer)
            replay = Response(data, status=answer.status, headers=headers)
            replay["Idempotency-Replayed"] = "true"
            return replay
        response = act()
        answer.status = response.status_code
        data = {**response.data, **dict.fromkeys(unkept, "")} if unkept else response.data
        headers = {name: response[name] for name in ("Location", "ETag") if name in response}
        answer.body = {"sealed": _sealed(data), "headers": _sealed(headers)}
        answer.save(update_fields=["status", "body"])
        return response


def _claim(request: Request, key: str, now: datetime) -> IdempotentAnswer:
    fingerprint = hashlib.sha256(
        b"\n".join([request.method.encode(), request.get_full_path().encode(), request._request.body])
    ).hexdigest()
    owner = f"user:{request.user.pk}"
    IdempotentAnswer.objects.filter(owner=owner, key=key, expires_at__lte=now).delete()
    IdempotentAnswer.objects.bulk_create(
        [
            IdempotentAnswer(
                owner=owner, key=key, fingerprint=fingerprint, created_at=now, expires_at=now + KEPT
            )
        ],
        ignore_conflicts=True,
    )
    answer = IdempotentAnswer.objects.select_for_update().get(owner=owner, key=key)
    if answer.fingerprint != fingerprint:
        raise IllegalState(
            "This Idempotency-Key was used for another request. Take a new key for a new request.",
            code="idempotency_key_reused",
        )
    return answer


def _sealed(data: Any) -> str:
    """An answer may hold a secret (an intake URL), in its body and in its headers, so it is kept encrypted."""
    return seal(JSONRenderer().render(data).decode())


def _opened(answer: IdempotentAnswer) -> tuple[Any, dict[str, str]]:
    """Body and headers. Rows of the release before this one keep their headers beside the body."""
    headers = json.loads(unseal(answer.body["headers"])) if "headers" in answer.body else answer.headers
    return json.loads(unseal(answer.body["sealed"]) or "null"), headers
