"""Machines that post alerts while things break, and a memory of what was acknowledged."""

import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from tests.faults.seed import OWN_SERVICES

# Across all tests of one stack: each new alert has a service of its own, so an incident of its own.
_number = itertools.count()
_keys = itertools.count()
SENDERS = 4
# Seconds between two posts of one sender; longer where an answer takes long, so that a machine which others keep
# busy is not given more than it can do.
PAUSE = 0.4
PATIENCE = 6
RETRY = 0.3
NAMED = "named"


def is_named(key: str) -> bool:
    """Whether the post went with its key."""
    return key.startswith(NAMED)


@dataclass
class Traffic:
    """Posts until it is told to stop. What is not answered 202 is sent again with the same key.

    Every other sender gives its posts an id of their own (`Idempotency-Key`), so that each counts once. The others don't, as most
    tools: theirs share statements with what comes at the same moment, and what was refused may count as often as it was sent.
    In turn: an alert with a service of its own, a repeat, an alert that joins others, a repeat, a resolve.
    """

    url: str
    pause: float = PAUSE
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)  # by key, acknowledged ones
    refused: dict[str, int] = field(default_factory=dict)  # why posts had to be sent again
    sent: Counter[str] = field(default_factory=Counter)  # how often, by key
    _answer_took: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turn: itertools.count = field(default_factory=itertools.count)
    _alone: deque[dict[str, Any]] = field(default_factory=deque)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        for number in range(SENDERS):
            named = number % 2 == 0
            self._threads.append(threading.Thread(target=self._send_on, args=(named,), daemon=True))
            self._threads[-1].start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop. What is in hand is sent until it is acknowledged."""
        self._ended.set()
        for thread in self._threads:
            thread.join(240)
        assert not any(thread.is_alive() for thread in self._threads), f"not acknowledged: {self.refused}"

    def expected(self) -> dict[str, tuple[int, int, str]]:
        """How often every alert counts, at least and at most, and its status, by its identity."""
        found: dict[str, list[str]] = {}
        for key, post in self.posts.items():
            found.setdefault(post["id"], []).append(key)
        return {
            identity: (
                len(keys),
                sum(self.most(key) for key in keys),
                max((self.posts[key] for key in keys), key=lambda post: post["event_at"])["status"],
            )
            for identity, keys in found.items()
        }

    def most(self, key: str) -> int:
        """How often a post may have been taken in."""
        return 1 if is_named(key) else self.sent[key]

    def count(self) -> int:
        return len(self.posts)

    def _send_on(self, named: bool) -> None:
        while not self._ended.is_set():
            with self._lock:
                post = self._next(next(self._turn))
            self._until_acknowledged(post, named)
            self._ended.wait(max(self.pause, self._answer_took * PATIENCE))

    def _next(self, turn: int) -> dict[str, Any]:
        """The post for a turn. Only alerts that have been acknowledged are repeated or resolved."""
        kind = turn % 5
        if kind == 4 and len(self._alone) > 6:
            return self._alone.popleft() | {"status": "resolved"}
        if kind in {1, 3} and self._alone:
            return dict(self._alone[-1])
        number = next(_number)
        service = "shared" if kind == 2 else f"own-{number % OWN_SERVICES}"
        return {
            "id": f"alert-{number}",
            "status": "firing",
            "title": f"Alert {number}",
            "service": service,
            "severity": "warning",
        }

    def _until_acknowledged(self, post: dict[str, Any], named: bool) -> None:
        post["event_at"] = datetime.fromtimestamp(time.time(), UTC).isoformat()
        key = f"{NAMED if named else 'post'}-{post['id']}-{next(_keys)}"
        post["labels"] = {"post": key}
        while not self._accepted(key, post):
            if self._ended.wait(RETRY):
                threading.Event().wait(RETRY)
        with self._lock:
            self.posts[key] = post
            if post["service"] != "shared" and post["status"] == "firing" and post not in self._alone:
                self._remember(post)

    def _remember(self, post: dict[str, Any]) -> None:
        if all(known["id"] != post["id"] for known in self._alone):
            self._alone.append(dict(post))

    def _accepted(self, key: str, post: dict[str, Any]) -> bool:
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if is_named(key) else {})
        request = urllib.request.Request(self.url, json.dumps(post).encode(), headers)
        with self._lock:
            self.sent[key] += 1
        begun = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                said = str(answer.status)
        except urllib.error.HTTPError as error:
            said = str(error.code)
        except OSError as error:
            said = type(getattr(error, "reason", error)).__name__
        if said == "202":
            self._answer_took = time.monotonic() - begun
            return True
        with self._lock:
            self.refused[said] = self.refused.get(said, 0) + 1
        return False
