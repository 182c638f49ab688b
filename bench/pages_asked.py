"""What `bench.pages` asks: every list and page with what is hard about it. Needs Django set up on a running home."""

from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.domain.tokens import issue
from accounts.models import User
from bench.pages import Page, query
from core import clock
from core.pagination import cursor_after
from incidents.choices import OPEN_STATES
from incidents.models import Entry, Incident
from incidents.queries.lists import NEWEST_FIRST
from monitoring.models import Alert
from monitoring.queries.alerts import NEWEST_FIRST as ALERTS_FIRST

DEEP = 500 * 50
# What `make bench` asks: what people and integrations look at all day, and what is hardest about it.
DAILY = {
    "operations room", "operations room, poll", "my page", "board", "board, poll", "board, mine", "board, due",
    "board, all", "board, page 500", "board, service", "board, client", "board, search, common word",
    "board, search, rare", "board, search and filters", "incident, closed", "incident, open", "incident, 2,000 lines",
    "incident, 2,000 lines, timeline", "alerts", "alerts, page 500", "alerts, search, common word",
    "alerts, search, rare word", "alert", "search, a common word", "search, a rare word", "palette, a common word",
    "service", "API incidents", "API incidents, by service", "API incidents, search", "API incidents, counted",
    "API incidents, page 500", "API incident", "API timeline", "API alerts", "client: operations room", "client: board",
    "client: API incidents",
}  # fmt: skip
BOARD, ALERTS, API = "/incidents/", "/alerts/", "/api/v1/incidents/"


def summary() -> str:
    """How much there is, in a line."""
    opened = Incident.objects.filter(state__in=OPEN_STATES).count()
    return (
        f"{Incident.objects.count():,} incidents ({opened:,} open), {Entry.objects.count():,} lines, "
        f"{Alert.objects.count():,} alerts"
    )


def pages() -> list[Page]:
    """Everything, the portal first."""
    return [
        *_rooms(),
        *_board(),
        *_incident(),
        *_alerts(),
        *_search(),
        *_rest(),
        *_api(),
        *_clients(),
        *_probes(),
    ]


def headers_of(page: Page) -> dict[str, str]:
    """Cookie or token of whoever asks."""
    found = {"X-Live": "1"} if page.live else {}
    if page.who == "token":
        return found | {"Authorization": f"Token {_token()}"}
    return found | ({"Cookie": f"mainstay_session={_session(page.who)}"} if page.who else {})


def queries_of(page: Page) -> int:
    """How many queries the request costs, asked twice so that what is remembered is remembered."""
    client = Client(SERVER_NAME="127.0.0.1")
    headers: Any = headers_of(page)
    if page.who not in {"token", ""}:
        client.cookies["mainstay_session"] = _session(page.who)
    headers.pop("Cookie", None)
    client.get(page.path, headers=headers)
    with CaptureQueriesContext(connection) as seen:
        client.get(page.path, headers=headers)
    return sum("SAVEPOINT" not in each["sql"] for each in seen)


@cache
def _session(mailbox: str) -> str:
    client = Client()
    client.force_login(User.objects.get(email=f"{mailbox}@demo.mainstay"))
    return client.cookies["mainstay_session"].value


@cache
def _token() -> str:
    return issue(User.objects.get(email="lead@demo.mainstay"), "bench", ["read"], None, clock.now())[1]


def _deep(rows: Any, ordering: tuple[str, ...]) -> str:
    """The cursor behind page 500, or near the end of a shorter list."""
    place = min(DEEP, max(rows.count() - 51, 0))
    return cursor_after(rows.order_by(*ordering)[place], ordering)


def _rooms() -> list[Page]:
    return [
        Page("operations room", "/"),
        Page("operations room, poll", "/", live=True),
        Page("numbers, 60 days", "/numbers/"),
        Page("numbers, 120 days", "/numbers/?last=120"),
        Page("numbers, one service", "/numbers/?service=fraud-scorer"),
        Page("numbers, one client", "/numbers/?client=lumen-bank"),
        Page("my page", "/me/"),
        Page("engines", "/engines/"),
    ]


def _board() -> list[Page]:
    filters: dict[str, dict[str, Any]] = {
        "severity": {"severity": "SEV1"},
        "state": {"state": "cancelled"},
        "two states": {"state": ["new", "mitigated"]},
        "source": {"source": "slack"},
        "source that nothing has": {"source": "import"},
        "service": {"service": "fraud-scorer"},
        "small service": {"service": "price-elasticity"},
        "service that is not": {"service": "nowhere"},
        "client": {"client": "lumen-bank"},
        "client that is not": {"client": "nobody"},
        "owner": {"owner": "brian.otieno@demo.mainstay"},
        "owner with few": {"owner": "lead@demo.mainstay"},
        "owner none": {"owner": "none"},
        "a month of last year": {"opened_after": _ago(400), "opened_before": _ago(370)},
        "never acknowledged": {"acknowledged": "false"},
        "not resolved": {"resolved": "false"},
        "not cancelled": {"cancelled": "false"},
        "promise broken": {"promise": "resolve-broken"},
        "promise kept": {"promise": "acknowledge-kept"},
        "all of it": {"severity": "SEV2", "state": "closed", "client": "lumen-bank", "promise": "resolve-broken"},
        "rare mix": {"severity": "SEV1", "source": "email", "state": "cancelled", "service": "kyc-match"},
        "search, common word": {"search": "fraud"},
        "search, every row": {"search": "inc"},
        "search, a letter": {"search": "f"},
        "search, two words": {"search": "holiday regressor"},
        "search, words apart": {"search": "fraud kyc"},
        "search, rare": {"search": "tenant 19"},
        "search, unknown": {"search": "zzznothing"},
        "search and filters": {"search": "late", "severity": "SEV2", "client": "harvest-foods"},
    }  # fmt: skip
    views = [
        Page(f"board, {view}", f"{BOARD}{query(view=view)}")
        for view in ("mine", "nobodys", "due", "resolved", "all")
    ]
    deep = _deep(Incident.objects, NEWEST_FIRST)
    return [
        Page("board", BOARD),
        Page("board, poll", BOARD, live=True),
        *views,
        Page("board, page 500", f"{BOARD}{query(view='all', cursor=deep)}"),
        *(
            Page(f"board, {name}", f"{BOARD}{query(view='all', **params)}")
            for name, params in filters.items()
        ),
    ]


def _incident() -> list[Page]:
    closed = Incident.objects.filter(state="closed", severity="SEV1").order_by("-opened_at").first()
    opened = Incident.objects.filter(state="investigating").order_by("-opened_at").first()
    longest = (
        Incident.objects.filter(state__in=OPEN_STATES).annotate(n=Count("entries")).order_by("-n").first()
    )
    found = []
    for name, incident in (("closed", closed), ("open", opened), ("2,000 lines", longest)):
        if incident is not None:
            url = f"{BOARD}{incident.ref}/"
            found += [
                Page(f"incident, {name}", url),
                Page(f"incident, {name}, timeline", f"{url}spine/"),
                Page(f"incident, {name}, rail", f"{url}rail/"),
            ]
    return found


def _alerts() -> list[Page]:
    newest = Alert.objects.order_by(*ALERTS_FIRST).first()
    filters: dict[str, dict[str, Any]] = {
        "service": {"service": "fraud-scorer"},
        "small service": {"service": "price-elasticity"},
        "severity": {"severity": "critical"},
        "source": {"source": "grafana"},
        "source that nothing has": {"source": "generic"},
        "search, common word": {"search": "fraud"},
        "search, rare word": {"search": "(tenant"},
        "search, unknown": {"search": "zzznothing"},
        "search, label": {"search": "alertname=FraudLatencyP99"},
        "search, unknown label": {"search": "alertname=Nothing"},
    }
    return [
        Page("alerts", ALERTS),
        Page("alerts, poll", ALERTS, live=True),
        *(Page(f"alerts, {view}", f"{ALERTS}{query(view=view)}") for view in ("unrouted", "resolved", "all")),
        Page("alerts, page 500", f"{ALERTS}{query(view='all', cursor=_deep(Alert.objects, ALERTS_FIRST))}"),
        *(
            Page(f"alerts, {name}", f"{ALERTS}{query(view='all', **params)}")
            for name, params in filters.items()
        ),
        *([Page("alert", f"{ALERTS}{newest.pk}/")] if newest else []),
    ]


def _search() -> list[Page]:
    words = {
        "a common word": "fraud",
        "two words": "forecast late",
        "a rare word": "tenant 1777",
        "unknown": "zzznothing",
    }
    some = Incident.objects.order_by("pk").first()
    return [
        *(Page(f"search, {name}", f"/search/{query(q=q)}") for name, q in words.items()),
        *(Page(f"palette, {name}", f"/palette/{query(q=q)}") for name, q in words.items()),
        *([Page("palette, a reference", f"/palette/{query(q=some.ref)}")] if some else []),
    ]


def _rest() -> list[Page]:
    return [
        Page("services", "/services/"),
        Page("service", "/services/fraud-scorer/"),
        Page("service, its incidents", "/incidents/for-service/fraud-scorer/"),
        Page("service, its alerts", "/alerts/for/fraud-scorer/"),
        Page("rotas", "/rotas/"),
        Page("runbooks", "/runbooks/"),
        Page("inbox", "/messages/"),
        Page("outbox", "/messages/outbox/"),
        Page("audit", "/audit/"),
        Page("integrations", "/alerts/integrations/"),
        Page("parked intake", "/alerts/parked/"),
    ]


def _api() -> list[Page]:
    closed = Incident.objects.filter(state="closed").order_by("-opened_at").first()
    longest = (
        Incident.objects.filter(state__in=OPEN_STATES).annotate(n=Count("entries")).order_by("-n").first()
    )
    lists = [
        "alerts", "messages", "outbox", "escalation-runs", "services", "clients", "agreements", "calendars", "models",
        "model-versions", "rotas", "overrides", "policies", "runbooks", "integrations", "deliveries", "users", "teams",
        "sites", "tokens", "audit", "contact-points",
    ]  # fmt: skip
    filters: dict[str, dict[str, Any]] = {
        "by severity": {"severity": "SEV1"},
        "by service": {"service": "fraud-scorer"},
        "by client": {"client": "lumen-bank"},
        "by source that nothing has": {"source": "import"},
        "search": {"search": "fraud"},
        "search, rare": {"search": "tenant 19"},
        "search, words apart": {"search": "fraud kyc"},
        "counted": {"count": "true"},
        "counted, by service": {"count": "true", "service": "fraud-scorer"},
        "page 500": {"cursor": _deep(Incident.objects, NEWEST_FIRST)},
    }
    alert = Alert.objects.order_by(*ALERTS_FIRST).first()
    found = [
        Page("API incidents", API, "token"),
        *(
            Page(f"API incidents, {name}", f"{API}{query(**params)}", "token")
            for name, params in filters.items()
        ),
    ]
    for name, incident in (("", closed), (", 2,000 lines", longest)):
        if incident is not None:
            found += [
                Page(f"API incident{name}", f"{API}{incident.ref}/", "token"),
                Page(f"API timeline{name}", f"{API}{incident.ref}/timeline/", "token"),
                Page(f"API clocks{name}", f"{API}{incident.ref}/clocks/", "token"),
            ]
    found += [Page(f"API {name}", f"/api/v1/{name}/", "token") for name in lists]
    if alert is not None:
        found += [
            Page(
                f"API alert{part}",
                f"/api/v1/alerts/{alert.pk}/{part.strip(', ')}{'/' if part else ''}",
                "token",
            )
            for part in ("", ", occurrences", ", changes")
        ]
    return [
        *found,
        Page("API alerts, counted", "/api/v1/alerts/?count=true", "token"),
        Page("API alerts, page 500", f"/api/v1/alerts/{query(cursor=_deep(Alert.objects, ALERTS_FIRST))}", "token"),
        Page("API numbers", "/api/v1/numbers/", "token"),
        Page("API engines", "/api/v1/engines/", "token"),
    ]  # fmt: skip


def _clients() -> list[Page]:
    """As a client's person sees them: what is theirs only."""
    theirs = (
        Incident.objects.filter(service__client__slug="lumen-bank", state="closed")
        .order_by("-opened_at")
        .first()
    )
    paths = {
        "operations room": "/",
        "board": BOARD,
        "board, all": f"{BOARD}?view=all",
        "board, search": f"{BOARD}{query(view='all', search='fraud')}",
        "board, search, not theirs": f"{BOARD}{query(view='all', search='forecast')}",
        "alerts": f"{ALERTS}?view=all",
        "numbers": "/numbers/",
        "search": "/search/?q=fraud",
        "API incidents": API,
    }
    if theirs is not None:
        paths["incident"] = f"{BOARD}{theirs.ref}/"
    return [Page(f"client: {name}", path, "client") for name, path in paths.items()]


def _probes() -> list[Page]:
    return [Page("readyz", "/readyz", ""), Page("metrics", "/metrics", "")]


def _ago(days: int) -> str:
    return (clock.now() - timedelta(days=days)).isoformat()
