"""Each number leads to a list with as many rows as it counts: on the board and in the API alike."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from core import clock
from core.types import person
from incidents.domain import edit, lifecycle
from incidents.models import Clock, Incident
from services.choices import PromiseKind
from tests import make

pytestmark = pytest.mark.django_db
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def lead(client):
    person_ = make.user("lead", name="Lena Lead")
    client.force_login(person_)
    return person_


@pytest.fixture
def history(lead):
    """One of everything that could be counted on one side and not on the other."""
    now, actor = clock.now(), person(lead)
    scorer = make.service(
        slug="scorer", agreement=make.agreement({s: (15, 60) for s in ("SEV1", "SEV2", "SEV3")})
    )
    ranker = make.service(slug="ranker", agreement=scorer.agreement)

    def opened(days, service=scorer, severity="SEV2"):
        return make.incident(now=now - days * DAY, service=service, impact="", urgency="", severity=severity)

    def worked(incident, acknowledge, resolve):
        lifecycle.acknowledge(incident, actor=actor, now=incident.opened_at + acknowledge * MINUTE)
        lifecycle.resolve(
            incident, actor=actor, now=incident.opened_at + resolve * MINUTE, resolution="fixed"
        )

    worked(opened(2), 5, 30)
    worked(opened(3), 20, 90)
    worked(opened(9, ranker), 5, 30)
    opened(1, severity="SEV1")
    lifecycle.acknowledge(opened(4, ranker), actor=actor, now=now - 4 * DAY + MINUTE)
    lifecycle.cancel(opened(5), actor=actor, now=now - 5 * DAY + MINUTE, reason="A test.")
    again = opened(6)
    worked(again, 5, 30)
    lifecycle.reopen(again, actor=actor, now=again.opened_at + HOUR)
    lifecycle.resolve(again, actor=actor, now=again.opened_at + 2 * HOUR, resolution="fixed")
    raised = opened(7, severity="SEV3")
    lifecycle.acknowledge(raised, actor=actor, now=raised.opened_at + MINUTE)
    edit.edit(
        raised,
        actor=actor,
        now=raised.opened_at + 2 * MINUTE,
        changes={"severity": "SEV2", "severity_reason": "It spreads."},
    )
    worked(opened(65), 5, 30)  # the period before
    # not in the running second, which the page leaves to the next look
    make.incident(service=ranker, now=now - timedelta(seconds=2))
    return now


def listed(client, url: str) -> tuple[int, int]:
    """How many the board lists at this address, and how many the API counts for the same question."""
    parts = urlsplit(url)
    assert parts.path == "/incidents/"
    groups = client.get(url).context["groups"]
    answer = client.get(f"/api/v1/incidents/?{parts.query}&count=true")
    return sum(len(group.rows) for group in groups), answer.json()["count"]


def measured(found, **known: bool | str) -> int:
    """Incidents of the period of which that time is known."""
    scope = found.scope
    if scope.service:
        known["service__slug"] = scope.service
    if scope.severity:
        known["severity"] = scope.severity
    within = Incident.objects.filter(opened_at__gte=scope.start, opened_at__lt=scope.end, **known)
    return within.exclude(state="cancelled").count()


def numbers_with_links(page) -> Iterator[tuple[str, int, str]]:
    """(what, how many it counts, where it leads) of everything on the numbers page."""
    found = page.context["found"]
    acknowledged = measured(found, acknowledged_at__isnull=False)
    resolved = measured(found, resolved_at__isnull=False)
    headed = (PromiseKind.ACKNOWLEDGE, PromiseKind.RESOLVE)
    decided = {kind: sum(row.decided for row in found.kept if row.kind == kind) for kind in headed}
    counts = [found.now.opened, acknowledged, acknowledged, resolved, resolved, *decided.values()]
    for figure, count in zip(page.context["figures"], counts, strict=True):
        yield figure.label, count, figure.url
    for week, column in zip(found.weeks, page.context["volume"].rows, strict=True):
        yield f"week of {column.label}", sum(week.counts), column.url
    for kind, bars in zip(found.kinds, page.context["promises"], strict=True):
        rows = [row for row in found.kept if row.kind == kind and row.decided]
        for row, bar in zip(rows, bars.rows, strict=True):
            yield f"{kind} {bar.label}", row.decided, bar.url
    for (slug, count), bar in zip(found.services, page.context["services"], strict=True):
        yield slug, count, bar.url


@pytest.mark.parametrize(
    "query", ["", "?last=30", "?service=ranker", "?severity=SEV2", "?service=scorer&severity=SEV2&last=90"]
)
def test_numbers_lead_to_as_many(query, client, history):
    page = client.get(f"/numbers/{query}")
    found = list(numbers_with_links(page))
    assert {(what, url): (count, count) for what, count, url in found} == {
        (what, url): listed(client, url) for what, _count, url in found
    }


def test_the_history_would_have_shown_a_difference(client, history):
    """Cancelled, reopened, raised after its promise was met: each would be counted once too often or missing."""
    page = client.get("/numbers/")
    found = page.context["found"]
    assert found.now.opened == 8
    assert Incident.objects.filter(opened_at__gte=found.scope.start, state="cancelled").count() == 1
    assert Clock.objects.filter(kind="resolve", cycle=2).count() == 1
    assert Clock.objects.filter(kind="acknowledge", severity="SEV3", incident__severity="SEV2").count() == 1


def test_figures_of_the_room_lead_to_as_many(client, history):
    page = client.get("/")
    figures = [item for item in page.context["figures"] if item["url"].startswith("/incidents/")]
    assert len(figures) == 6
    for item in figures:
        groups = client.get(item["url"]).context["groups"]
        assert (item["label"], item["value"]) == (item["label"], sum(len(group.rows) for group in groups))


def test_a_list_behind_a_number_says_by_what_it_is_narrowed_and_searching_keeps_it(client, history):
    url = "/incidents/?view=all&promise=resolve&cancelled=false&opened_after=2026-03-04T08:00:00Z"
    page = client.get(url)
    assert [(chip.label, chip.value) for chip in page.context["chips"]] == [
        ("Opened from", "Wed 4 Mar 2026, 08:00 UTC"),
        ("Cancelled", "no"),
        ("Promise", "Resolve: decided"),
    ]
    html = page.content.decode()
    assert (
        html.count('<input type="hidden" name="promise" value="resolve">') == 2
    )  # search, and the menu of filters


@pytest.mark.parametrize(
    ("promise", "expected"),
    [("resolve", 5), ("resolve-kept", 3), ("resolve-broken", 2), ("acknowledge-broken", 1)],
)
def test_lists_ask_for_promises_kept_and_broken(client, history, promise, expected):
    answer = client.get(
        f"/api/v1/incidents/?promise={promise}&count=true&opened_after=2000-01-01T00:00:00Z"
    ).json()
    found = [row["ref"] for row in answer["results"]]
    assert (answer["count"], len(set(found))) == (expected, expected)
