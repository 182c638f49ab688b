"""Dedupe, bundle, throttle: pure decisions about what is due to a contact."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.domain.pipeline.bundle import bundle, identity_of
from notifications.domain.pipeline.dedupe import dedupe
from notifications.domain.pipeline.plan import plan
from notifications.domain.pipeline.shapes import Due, Sent
from notifications.domain.pipeline.throttle import LIMITS, Limit, throttle
from tests.make import NOW

MINUTE = timedelta(minutes=1)
ALICE, BOB = (1, "email."), (2, "webhook.12")
PROPERTY = settings(
    derandomize=True, database=None, deadline=None, max_examples=80, suppress_health_check=list(HealthCheck)
)
TWO_A_MINUTE = {"urgent": (Limit(2, 1),), "ordinary": (Limit(2, 1),)}


def due(n: int, ref: str = "", contact=ALICE, **fields) -> Due:
    values = {
        "id": n,
        "key": f"event{n}",
        "contact": contact,
        "urgency": "urgent",
        "topic": ("email", "incident.page", ref or f"INC-{n}", "incident"),
        "severity": "SEV2",
        "created_at": NOW + timedelta(seconds=n),
        **fields,
    }
    return Due(**values)


def left(n: int, ago: timedelta, contact=ALICE, **fields) -> Sent:
    values = {
        "id": n,
        "sending": f"event{n}",
        "contact": contact,
        "urgency": "urgent",
        "topic": ("email", "incident.page", f"INC-{n}", "incident"),
        "created_at": NOW - ago,
        "sent_at": NOW - ago,
        **fields,
    }
    return Sent(**values)


def ids(parcels):
    return [sorted(each.id for each in parcel.members) for parcel in parcels]


class TestDedupe:
    def test_the_newest_of_one_kind_about_one_thing_to_one_contact_stays(self):
        kept, dropped = dedupe([due(1, "INC-9"), due(3, "INC-9"), due(2, "INC-9")], [])
        assert ([each.id for each in kept], dropped) == ([3], {1: 3, 2: 3})

    def test_another_thing_kind_urgency_or_contact_is_another_story(self):
        several = [
            due(1, "INC-9"),
            due(2, "INC-8"),
            due(3, topic=("email", "incident.news", "INC-9", "incident")),
            due(4, "INC-9", urgency="ordinary"),
            due(5, "INC-9", contact=BOB),
        ]
        assert dedupe(several, []) == (several, {})

    def test_what_is_about_nothing_is_never_dropped(self):
        several = [due(n, topic=("email", "note", "", "")) for n in (1, 2)]
        assert dedupe(several, []) == (several, {})

    def test_news_older_than_what_has_left_already_is_dropped(self):
        old = due(1, "INC-9", created_at=NOW - MINUTE)
        gone = left(5, timedelta(), topic=old.topic)
        assert dedupe([old], [gone]) == ([], {1: 5})
        assert dedupe([old], [replace(gone, created_at=NOW - 2 * MINUTE)]) == ([old], {})

    def test_what_was_attempted_keeps_its_turn_and_codes_are_left_alone(self):
        several = [due(1, "INC-9", fresh=False), due(2, "INC-9", alone=True), due(3, "INC-9")]
        assert dedupe(several, []) == (several, {})


class TestBundle:
    def test_one_alone_is_no_bundle(self):
        [parcel] = bundle([due(1)])
        assert (parcel.bundle, ids([parcel])) == ("", [[1]])

    def test_several_to_one_contact_are_one_worst_first(self):
        [parcel] = bundle([due(1, severity="SEV3"), due(2, severity="SEV1"), due(3, severity="")])
        assert [each.id for each in parcel.members] == [2, 1, 3]
        assert parcel.first.id == 1

    def test_contacts_and_urgencies_stay_apart(self):
        parcels = bundle([due(1), due(2, contact=BOB), due(3, urgency="ordinary")])
        assert sorted(ids(parcels)) == [[1], [2], [3]]

    def test_the_same_messages_make_the_same_bundle_in_any_order(self):
        [one] = bundle([due(1), due(2)])
        [other] = bundle([due(2), due(1)])
        assert one.bundle == other.bundle == identity_of([due(2), due(1)])
        assert one.bundle != bundle([due(1), due(3)])[0].bundle

    def test_an_attempted_bundle_takes_no_newcomers_and_may_shrink(self):
        tried = [due(n, fresh=False, bundle="b1") for n in (1, 3)]
        parcels = bundle([*tried, due(4), due(5)])
        assert sorted(
            (parcel.bundle if parcel.bundle == "b1" else "new", *ids([parcel])) for parcel in parcels
        ) == [
            ("b1", [1, 3]),
            ("new", [4, 5]),
        ]

    def test_one_attempted_alone_stays_alone(self):
        assert sorted(ids(bundle([due(1, fresh=False), due(2), due(3)]))) == [[1], [2, 3]]


class TestThrottle:
    def test_over_the_limit_waits_until_the_oldest_of_the_window_is_old_enough(self):
        sent = [left(8, 50 * timedelta(seconds=1)), left(9, 20 * timedelta(seconds=1))]
        go, [wait] = throttle(bundle([due(1)]), sent, NOW, TWO_A_MINUTE)
        assert (go, wait.until) == ([], NOW + timedelta(seconds=10))
        assert (
            wait.words == "Waits, so that this contact is not flooded (at most 2 in 1 min). Nothing is lost."
        )

    def test_another_contacts_sendings_do_not_count(self):
        sent = [left(8, timedelta(), contact=BOB), left(9, timedelta(), contact=BOB)]
        assert ids(throttle(bundle([due(1)]), sent, NOW, TWO_A_MINUTE)[0]) == [[1]]

    def test_a_bundle_that_left_counts_once(self):
        sent = [left(n, timedelta(), sending="b1") for n in range(5, 10)]
        assert ids(throttle(bundle([due(1)]), sent, NOW, TWO_A_MINUTE)[0]) == [[1]]

    def test_calls_leave_less_room_for_news_and_news_none_less_for_calls(self):
        calls = [left(8, timedelta()), left(9, timedelta())]
        assert throttle(bundle([due(1, urgency="ordinary")]), calls, NOW, TWO_A_MINUTE)[0] == []
        news = [replace(each, urgency="ordinary") for each in calls]
        assert ids(throttle(bundle([due(1)]), news, NOW, TWO_A_MINUTE)[0]) == [[1]]

    def test_a_sev1_call_never_waits_but_counts(self):
        sent = [left(n, timedelta()) for n in range(10, 14)]
        go, wait = throttle(bundle([due(1, severity="SEV1")]), sent, NOW, TWO_A_MINUTE)
        assert (ids(go), wait) == ([[1]], [])
        many = bundle([due(1, severity="SEV1")]) + bundle([due(2)]) + bundle([due(3)])
        go, wait = throttle(many, [], NOW, TWO_A_MINUTE)
        assert (ids(go), ids([each.parcel for each in wait])) == ([[1], [2]], [[3]])

    def test_sev1_news_that_is_no_call_waits_like_others(self):
        sent = [left(n, timedelta(), urgency="ordinary") for n in (8, 9)]
        news = bundle([due(1, severity="SEV1", urgency="ordinary")])
        assert throttle(news, sent, NOW, TWO_A_MINUTE)[0] == []

    def test_a_further_try_and_a_code_pass(self):
        sent = [left(8, timedelta()), left(9, timedelta())]
        parcels = bundle([due(1, fresh=False), due(2, alone=True)])
        assert ids(throttle(parcels, sent, NOW, TWO_A_MINUTE)[0]) == [[1], [2]]


references = st.sampled_from(["INC-1", "INC-2", "INC-3", ""])
dues = st.builds(
    lambda n, ref, contact, urgency, severity, fresh, alone: due(
        n,
        contact=contact,
        topic=(contact[1], "incident.page", ref, "incident"),
        urgency=urgency,
        severity=severity,
        fresh=fresh,
        alone=alone,
    ),
    st.integers(1, 200),
    references,
    st.sampled_from([ALICE, BOB]),
    st.sampled_from(["urgent", "ordinary"]),
    st.sampled_from(["SEV1", "SEV2", "SEV3", ""]),
    st.booleans(),
    st.sampled_from([False, False, False, True]),
)
many = st.lists(dues, max_size=25, unique_by=lambda each: each.id)


@PROPERTY
@given(many)
def test_nothing_is_lost_and_nothing_leaves_twice(rows):
    plans = plan(rows, [], NOW, TWO_A_MINUTE)
    placed = [each.id for parcel in plans.go for each in parcel.members]
    placed += [each.id for wait in plans.wait for each in wait.parcel.members]
    assert sorted([*placed, *plans.dropped]) == sorted(each.id for each in rows)
    assert all(wait.until > NOW for wait in plans.wait)


@PROPERTY
@given(many)
def test_only_the_fresh_are_dropped_for_a_newer_one_that_is_not_dropped(rows):
    by_id = {each.id: each for each in rows}
    dropped = plan(rows, [], NOW, TWO_A_MINUTE).dropped
    for old, newer in dropped.items():
        assert by_id[old].fresh
        assert newer not in dropped
        assert by_id[newer].id > old


@PROPERTY
@given(many)
def test_a_sev1_call_is_never_made_to_wait(rows):
    plans = plan(rows, [], NOW, TWO_A_MINUTE)
    waiting = [each for wait in plans.wait for each in wait.parcel.members]
    assert [each for each in waiting if each.severity == "SEV1" and each.urgency == "urgent"] == []


@PROPERTY
@given(many)
def test_every_parcel_is_for_one_contact_and_one_urgency(rows):
    plans = plan(rows, [], NOW, LIMITS)
    for parcel in plans.go:
        assert len({(each.contact, each.urgency) for each in parcel.members}) == 1
        assert bool(parcel.bundle) == (len(parcel.members) > 1)


@PROPERTY
@given(st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["urgent", "ordinary"])), max_size=60))
def test_whatever_arrives_no_contact_gets_more_than_its_limit_and_in_the_end_everything(arrivals):
    """Ten minutes of arrivals, second by second, with the limits of a minute; then time until all has left."""
    waiting = {}
    for n, (second, urgency) in enumerate(sorted(arrivals)):
        at = NOW + timedelta(seconds=second)
        row = due(n, topic=("email", "note", "", ""), urgency=urgency, created_at=at)
        waiting[n] = (at, row)
    sent: list[Sent] = []
    now = NOW
    while waiting and now < NOW + timedelta(hours=1):
        ready = [row for at, row in waiting.values() if at <= now]
        plans = plan(ready, sent, now, TWO_A_MINUTE)
        for wait in plans.wait:
            for each in wait.parcel.members:
                waiting[each.id] = (wait.until, each)
        for parcel in plans.go:
            for each in parcel.members:
                del waiting[each.id]
                name = parcel.bundle or each.key
                sent.append(Sent(each.id, name, ALICE, each.urgency, each.topic, each.created_at, now))
        now = min((at for at, _ in waiting.values() if at > now), default=now + MINUTE)
    assert waiting == {}
    times = {(each.urgency, each.sending): each.sent_at for each in sent}
    for (urgency, _), at in times.items():
        window = Counter(kind for (kind, _), other in times.items() if at - MINUTE < other <= at)
        assert window[urgency] <= 2
