"""Fifty people at work for two minutes while alerts come in: `python -m bench.people`.

The whole stack runs as `make run` starts it, with the demo organisation and grown history. Most people are responders:
they watch the room, look through the board, open incidents, write notes, acknowledge. Some are leads who read numbers,
some are clients. Between two clicks they think for one to six seconds; whatever page they look at refreshes itself as
the browser would have it. Meanwhile tools post alerts. Every answer must be as wanted, and quick.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from io import StringIO
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.figures import Figure, percentile
from bench.stack import running

Say = Callable[[str], None]
QUICK: dict[str, Any] = {"seconds": 10.0, "incidents": 1_000}
PEOPLE, ALERTS_A_SECOND, SECONDS = 50, 5, 120.0
P95_MS = 150.0
# Of ten people, so many are this.
CROWD = ("responder",) * 6 + ("lead",) * 2 + ("client",) * 2
THINKS = (1.0, 6.0)
WORDS = ("drift", "latency", "gpu", "pipeline late", "feature store", "INC-11", "churn", "nightly")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_REFS = re.compile(r"/incidents/(INC-\d+)/")


@dataclass
class Heard:
    """What came back: seconds by what was done, and what was not as wanted."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)


class Line:
    """One kept connection, as a browser has it: as little of the machine as asking takes, for it is the portal's to use."""

    def __init__(self, base: str, headers: Mapping[str, str], **cookies: str) -> None:
        place = urlsplit(base)
        self.http = HTTPConnection(place.hostname or "", place.port or 80, timeout=30)
        self.headers, self.cookies = {"Accept-Encoding": "gzip", **headers}, cookies

    def ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and text of the answer, redirects followed. Raises HTTPException or OSError where there is none."""
        for _ in range(5):
            try:
                cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
                sent = {**self.headers, **({"Cookie": cookies} if cookies else {}), **(headers or {})}
                self.http.request(method, path, body, sent)
                answer = self.http.getresponse()
                told = answer.read()
                for given in answer.headers.get_all("Set-Cookie", []):
                    self.cookies |= {name: each.value for name, each in SimpleCookie(given).items()}
            except (HTTPException, OSError):
                self.http.close()
                raise
            if answer.status not in {301, 302, 303}:
                break
            method, body, path = "GET", None, answer.headers["Location"]
        if answer.headers.get("Content-Encoding") == "gzip":
            told = gzip.decompress(told)
        return answer.status, told.decode()


@dataclass
class Person:
    """Somebody with a browser: a session, dice of their own, the incidents they have seen."""

    role: str
    line: Line
    dice: random.Random
    heard: Heard
    refs: list[str] = field(default_factory=list)

    def work(self, until: float) -> None:
        """Click, read, think, until the time is over."""
        time.sleep(self.dice.uniform(0, THINKS[1]))
        while time.perf_counter() < until:
            self.dice.choice(DOES[self.role])(self)
            time.sleep(self.dice.uniform(*THINKS))

    def look(self, name: str, path: str, *, live: str = "", **params: Any) -> str:
        """A page; its text. `live` names the region of it that refreshes itself."""
        headers = {"HX-Request": "true", "HX-Target": live, "X-Live": "1"} if live else {}
        asked = f"?{urlencode(params)}" if params else ""
        return self._timed(name, "GET", path + asked, headers=headers)

    def tell(self, name: str, path: str, page: str, **fields: Any) -> None:
        """A form of `page`, sent the way its script sends it."""
        token = _TOKEN.search(page)
        if token:
            fields["csrfmiddlewaretoken"] = token[1]
            headers = {"HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded"}
            self._timed(name, "POST", path, urlencode(fields), headers)

    def _timed(
        self,
        name: str,
        method: str,
        path: str,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        begun = time.perf_counter()
        try:
            status, text = self.line.ask(method, path, body, headers)
        except (HTTPException, OSError) as error:
            self.heard.wrong.append(f"{method} {path}: {type(error).__name__}")
            return ""
        self.heard.times[name].append(time.perf_counter() - begun)
        if status != 200:
            self.heard.wrong.append(f"{method} {path}: {status}")
        return text


def _room(person: Person) -> None:
    person.look("operations room", "/")
    person.look("operations room, refreshed", "/", live="room")


def _board(person: Person) -> None:
    page = person.look("board", "/incidents/")
    person.refs = list(dict.fromkeys(_REFS.findall(page))) or person.refs


def _filtered(person: Person) -> None:
    severity = person.dice.choice(["SEV1", "SEV2", "SEV3", "SEV4"])
    person.look("board, filtered", "/incidents/", severity=severity, state="closed")


def _find(person: Person) -> None:
    person.look("search", "/incidents/", search=person.dice.choice(WORDS))


def _incident(person: Person) -> None:
    if not person.refs:
        _board(person)
    if person.refs:
        ref = person.dice.choice(person.refs)
        person.look("incident", f"/incidents/{ref}/")
        person.look("incident, refreshed", f"/incidents/{ref}/rail/", live="rail")


def _note(person: Person) -> None:
    if person.refs:
        ref = person.dice.choice(person.refs)
        page = person.look("incident", f"/incidents/{ref}/")
        person.tell("note", f"/incidents/{ref}/note/", page, text="Looking at the feature store now.")


def _acknowledge(person: Person) -> None:
    if person.refs:
        ref = person.dice.choice(person.refs)
        page = person.look("incident", f"/incidents/{ref}/")
        person.tell("acknowledge", f"/incidents/{ref}/acknowledge/", page)


def _alerts(person: Person) -> None:
    person.look("alerts", "/alerts/")


def _services(person: Person) -> None:
    person.look("services", "/services/")


def _numbers(person: Person) -> None:
    person.look("numbers", "/numbers/")


def _mine(person: Person) -> None:
    person.look("my page", "/me/")


Act = Callable[[Person], Any]
DOES: dict[str, list[Act]] = {
    "responder": [
        _room,
        _room,
        _board,
        _board,
        _incident,
        _incident,
        _filtered,
        _find,
        _note,
        _acknowledge,
        _alerts,
        _mine,
    ],
    "lead": [_room, _board, _incident, _numbers, _alerts, _services, _find],
    "client": [_room, _board, _incident, _services],
}


def _alarm(url: str, slugs: list[str], heard: Heard, until: float) -> None:
    """Tools that post, evenly."""
    dice, place = random.Random(7), urlsplit(url)
    line = Line(url, {"Content-Type": "application/json"})
    while time.perf_counter() < until:
        name, slug = f"alert {dice.randrange(400)}", dice.choice(slugs)
        alert = {"id": f"{slug} {name}", "title": name, "labels": {"service": slug}}
        begun = time.perf_counter()
        try:
            status, _text = line.ask("POST", place.path, json.dumps({"alerts": [alert]}))
            heard.times["alert posted"].append(time.perf_counter() - begun)
            if status != 202:
                heard.wrong.append(f"intake: {status}")
        except (HTTPException, OSError) as error:
            heard.wrong.append(f"intake: {type(error).__name__}")
        time.sleep(max(0.0, 1 / ALERTS_A_SECOND - (time.perf_counter() - begun)))


def _crowd(base: str, intake: str, sessions: dict[str, list[str]], slugs: list[str], seconds: float) -> Heard:
    heard = Heard()
    until = time.perf_counter() + seconds
    work = [partial(_alarm, intake, slugs, heard, until)]
    for n in range(PEOPLE):
        role = CROWD[n % len(CROWD)]
        session = sessions[role][n % len(sessions[role])]
        line = Line(base, {"Referer": f"{base}/"}, mainstay_session=session)
        work.append(partial(Person(role, line, random.Random(n), heard).work, until))
    threads = [Thread(target=each, daemon=True) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard


def measure(say: Say, *, seconds: float = SECONDS, incidents: int = 100_000) -> list[Figure]:
    """Grow a demo to so many incidents, let people loose on it, and say how they were served."""
    with running(MAINSTAY_DEMO="1") as stack:
        from django.core.management import call_command  # noqa: PLC0415 - Django needs the running home

        say(f"growing {incidents:,} incidents")
        call_command("grow", str(incidents), force=True, stdout=StringIO())
        return measure_on(stack.env["MAINSTAY_PUBLIC_URL"], say, seconds=seconds, incidents=incidents)


def measure_on(base: str, say: Say, *, seconds: float = SECONDS, incidents: int = 100_000) -> list[Figure]:
    """The same on a portal that runs already, at `base`, and has so many incidents. Django of this process uses its database."""
    sessions, intake, slugs = _prepared()
    say(f"{PEOPLE} people for {seconds:.0f} s, {ALERTS_A_SECOND} alerts a second")
    heard = _crowd(base, intake, sessions, slugs, seconds)
    for wrong in heard.wrong[:10]:
        say(f"not as wanted: {wrong}")
    for name, times in sorted(heard.times.items()):
        say(
            f"{name:28} {len(times):5} × p50 {percentile(times, 50) * 1000:5.0f} ms, p95 {percentile(times, 95) * 1000:5.0f} ms"
        )
    return _figures(heard, seconds, incidents)


def _figures(heard: Heard, seconds: float, incidents: int) -> list[Figure]:
    everything = [each for name, times in heard.times.items() if name != "alert posted" for each in times]
    beside = f"{PEOPLE} people, {incidents:,} incidents, {len(everything) / seconds:.0f} pages a second"
    worst = max(((percentile(times, 95), name) for name, times in heard.times.items()), default=(0.0, ""))
    return [
        Figure("people", "pages, p95", percentile(everything, 95) * 1000, "ms", P95_MS, True, beside),
        Figure("people", f"slowest kind of page, p95 ({worst[1]})", worst[0] * 1000, "ms"),
        Figure("people", "alert posted, p95", percentile(heard.times["alert posted"], 95) * 1000, "ms"),
        Figure("people", "answers not as wanted", len(heard.wrong), "", 0, True, f"of {len(everything):,}"),
    ]


def _prepared() -> tuple[dict[str, list[str]], str, list[str]]:
    """Sessions by role, the URL of an intake, and the services it may name."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from services.models import Service  # noqa: PLC0415

    def session(user: User) -> str:
        client = Client()
        client.force_login(user)
        return client.cookies["mainstay_session"].value

    wanted = {"responder": "responder", "lead": "lead", "client": "stakeholder"}
    sessions = {
        name: [session(user) for user in User.objects.filter(role=role, is_active=True)]
        for name, role in wanted.items()
    }
    out = StringIO()
    call_command("intake_url", "generic", stdout=out)
    return sessions, out.getvalue().strip(), list(Service.objects.values_list("slug", flat=True))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--incidents", type=int, default=100_000)
    words = parser.parse_args()
    for figure in measure(print, seconds=words.seconds, incidents=words.incidents):
        print(
            f"{figure.mark or ' '} {figure.value_text:>16}  {figure.name}  {figure.goal_text}  {figure.reference}"
        )


if __name__ == "__main__":
    main()
