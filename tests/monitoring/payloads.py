"""Reading the sample posts in tests/payloads."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent / "payloads"


def sample(path: str) -> bytes:
    """The bytes of one sample, such as `alertmanager/firing`."""
    return (ROOT / f"{path}.json").read_bytes()


def data(path: str) -> Any:
    """The sample as a Python value, to be changed by a test."""
    return json.loads(sample(path))
