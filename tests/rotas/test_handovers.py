"""Hand-overs: drafted once where the people change, carried, completed, published, accepted; who hears of them when."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from core.errors import Changed, IllegalState, Invalid, NotAllowed
from core.types import person
from rotas import handover_sections as registry
from rotas.domain import covering, duty, handing, handover_news, handovers, swaps
from rotas.domain.overrides import add_override
from rotas.handover_sections import Item
from rotas.models import Cover, Handover, HandoverItem
from rotas.queries import handovers as queries
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, MINUTE, handover, item, layer, rota

pytestmark = pytest.mark.django_db
MIDNIGHT = NOW.replace(hour=0) + DAY  # Amina goes, Brian comes
NEXT = MIDNIGHT + DAY  # Brian goes, Amina comes


@pytest.fixture
def lead():
    return make.user("lead", name="Grace")


@pytest.fixture
def made(amina, brian):
    """A rota with its cover written down."""
    made = rota(amina, brian, name="Nights")
    covering.tick(NOW)
    return made


@pytest.fixture
def queue():
    """A section whose items the test sets; empty at first."""
    found: list[Item] = []
    registry.register("queue", "Queue", 5, lambda scope, now: list(found))
    yield found
    registry.unregister("queue")


@pytest.fixture
def published(made, amina, brian):
    """One with two items, published by Amina, for Brian."""
    row = handover(made, [amina], [brian], at=MIDNIGHT)
    item(row, "First"), item(row, "Second")
    return handing.publish(row, actor=person(amina), now=MIDNIGHT + 5 * MINUTE)


def draft_of(amina, brian, made):
    return handover(made, [amina], [brian], at=MIDNIGHT)


def titles(row) -> list[str]:
    return [each.title for each in row.items.all()]


def heard(user) -> list[str]:
    rows = user.messages.filter(channel="in_app", kind="rota.handover").order_by("pk")
    return list(rows.values_list("subject", flat=True))


class TestTheDraft:
    def test_it_is_there_when_the_people_change(self, made, amina, brian):
        duty.tick(MIDNIGHT - MINUTE)
        assert not Handover.objects.exists()
        duty.tick(MIDNIGHT)
        row = Handover.objects.get()
        assert (row.rota, row.at, row.state, row.since) == (made, MIDNIGHT, "draft", MIDNIGHT - DAY)
        assert ([*row.outgoing.all()], [*row.incoming.all()]) == ([amina], [brian])

    def test_it_is_drafted_once_however_often_the_engine_looks(self, made, queue):
        queue.append(Item("thing:1", "A thing"))
        for minute in range(5):
            duty.tick(MIDNIGHT + minute * MINUTE)
        again = handovers.draft(made, MIDNIGHT, MIDNIGHT + 6 * MINUTE)
        assert [again] == list(Handover.objects.all())
        assert titles(again) == ["A thing"]

    def test_an_engine_killed_in_between_leaves_all_of_it_or_nothing(self, made, queue, monkeypatch):
        queue.append(Item("thing:1", "A thing"))

        class Killed(BaseException):
            pass

        def dies(*args, **kwargs):
            assert Handover.objects.exists()
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(duty, "tell_shift", dies)
            with pytest.raises(Killed):
                duty.tick(MIDNIGHT)
        assert not Handover.objects.exists()
        duty.tick(MIDNIGHT + MINUTE)
        assert titles(Handover.objects.get()) == ["A thing"]

    def test_killed_after_the_draft_and_before_the_due_time_moved_on_it_is_found_again(self, made):
        first = handovers.draft(made, MIDNIGHT, MIDNIGHT)
        duty.tick(MIDNIGHT + MINUTE)
        assert [first] == list(Handover.objects.all())

    @pytest.mark.parametrize("field", ["hands_over", "is_active"])
    def test_not_for_a_rota_that_hands_nothing_over(self, made, field):
        setattr(made, field, False)
        made.save()
        duty.tick(MIDNIGHT)
        assert not Handover.objects.exists()

    def test_not_where_the_same_people_go_on(self, amina):
        made = rota(amina)
        add_override(
            made, starts_at=MIDNIGHT, ends_at=NEXT, user=amina, replaces=None, takes_over=True,
            actor=person(amina), now=NOW,
        )  # fmt: skip
        covering.tick(NOW)
        assert Cover.objects.filter(starts_at=MIDNIGHT).exists()
        duty.tick(MIDNIGHT)
        assert not Handover.objects.exists()

    def test_not_where_nobody_goes_or_nobody_comes(self, amina):
        made = rota()
        layer(made, amina, hours=(8, 20))
        covering.tick(NOW)
        for hours in range(60):
            duty.tick(NOW + hours * HOUR)
        assert not Handover.objects.exists()

    def test_an_engine_that_was_away_drafts_the_shift_that_runs_and_no_older_one(self, made):
        duty.tick(MIDNIGHT + 5 * DAY + HOUR)
        assert [row.at for row in Handover.objects.all()] == [MIDNIGHT + 5 * DAY]

    def test_an_override_is_a_change_of_people_like_any_other(self, made, amina, brian):
        start = NOW + HOUR
        add_override(
            made,
            starts_at=start,
            ends_at=start + HOUR,
            user=brian,
            replaces=amina,
            actor=person(amina),
            now=NOW,
        )
        covering.tick(NOW)
        duty.tick(start)
        duty.tick(start + HOUR)
        assert [(*row.outgoing.all(), *row.incoming.all()) for row in Handover.objects.order_by("at")] == [
            (amina, brian),
            (brian, amina),
        ]

    def test_one_section_that_fails_keeps_nobody_from_handing_over_the_rest(self, made, queue):
        queue.append(Item("thing:1", "A thing"))
        registry.register("broken", "Broken", 6, lambda scope, now: 1 / 0)
        try:
            duty.tick(MIDNIGHT)
        finally:
            registry.unregister("broken")
        assert titles(Handover.objects.get()) == [
            "A thing",
            "“Broken” could not be filled: look there yourself",
        ]

    def test_one_that_cannot_be_drafted_holds_up_nobody_and_is_tried_again(self, made, brian, monkeypatch):
        real = duty.draft

        def fails(*args):
            raise RuntimeError("odd")

        monkeypatch.setattr(duty, "draft", fails)
        with pytest.raises(RuntimeError, match="odd"):
            duty.tick(MIDNIGHT)
        assert brian.messages.filter(kind="rota.shift_begins", channel="in_app").count() == 1
        monkeypatch.setattr(duty, "draft", real)
        duty.tick(MIDNIGHT + 59 * duty.STAND_BACK / 60)
        assert not Handover.objects.exists()
        duty.tick(MIDNIGHT + duty.STAND_BACK)
        assert Handover.objects.get().at == MIDNIGHT
        assert brian.messages.filter(kind="rota.shift_begins", channel="in_app").count() == 1

    def test_what_is_too_much_is_said_not_dropped_in_silence(self, made, queue, brian):
        queue += [Item(f"thing:{n}", f"Thing {n}") for n in range(registry.MOST + 1)]
        duty.tick(MIDNIGHT)
        found = Handover.objects.get().items.all()
        assert len(found) == registry.MOST + 1
        assert (found.last().title, found.last().owner) == (
            "There are more than these 50: look at the whole list",
            brian,
        )

    def test_people_who_touch_the_coming_shift(self, made, amina, brian):
        add_override(
            made, starts_at=MIDNIGHT + HOUR, ends_at=MIDNIGHT + 2 * HOUR, user=amina, replaces=brian,
            actor=person(amina), now=NOW, reason="dentist",
        )  # fmt: skip
        add_override(
            made, starts_at=NEXT + 2 * HOUR, ends_at=NEXT + 3 * HOUR, user=brian, replaces=amina,
            actor=person(amina), now=NOW,
        )  # fmt: skip
        brian.leaves.create(starts_at=MIDNIGHT, ends_at=NEXT, asked_at=NOW)
        covering.tick(NOW)
        duty.tick(MIDNIGHT)
        # Brian's shift begins anew after the dentist: what touches it is what lies before that
        assert titles(Handover.objects.get(at=MIDNIGHT)) == ["Brian is away"]
        duty.tick(MIDNIGHT + HOUR)
        assert titles(Handover.objects.get(at=MIDNIGHT + HOUR)) == ["Amina covers Brian", "Brian is away"]

    def test_an_open_offer_of_the_coming_shift(self, made, amina, brian):
        swaps.offer_swap(
            made, brian, starts_at=MIDNIGHT + HOUR, ends_at=NEXT, taker=amina, note="wedding",
            expires_at=MIDNIGHT + HOUR, actor=person(brian), now=NOW,
        )  # fmt: skip
        later = NEXT + DAY
        swaps.offer_swap(made, brian, starts_at=later, ends_at=later + DAY, actor=person(brian), now=NOW)
        duty.tick(MIDNIGHT)
        row = Handover.objects.get().items.get()
        assert (row.title, row.next_action, row.owner, row.due_at) == (
            "Brian offers a shift to Amina",
            "Answer the offer",
            amina,
            MIDNIGHT + HOUR,
        )
        assert row.detail == "Thu 5 Mar 01:00 to Fri 6 Mar 00:00 UTC. wedding"

    def test_what_kind_of_leave_it_is_stays_between_its_person_and_the_leads(self, made, brian, lead):
        made.owner = lead
        made.save()
        brian.leaves.create(kind="sick", note="flu", starts_at=MIDNIGHT, ends_at=NEXT, asked_at=NOW)
        brian.leaves.create(state="declined", starts_at=MIDNIGHT, ends_at=NEXT, asked_at=NOW)
        duty.tick(MIDNIGHT)
        row = Handover.objects.get().items.get()
        assert (row.title, row.next_action, row.owner) == (
            "Brian is away",
            "Find somebody who covers",
            lead,
        )
        assert "flu" not in row.detail and "ick" not in row.detail

    def test_it_costs_the_same_with_one_item_and_with_three(self, made, queue):
        costs = []
        for day in range(3):
            queue.append(Item(f"thing:{day}", "A thing"))
            with CaptureQueriesContext(connection) as seen:
                handovers.draft(made, MIDNIGHT + day * DAY, MIDNIGHT + day * DAY)
            costs.append(len(seen))
        # the first one has none before it to carry from
        assert costs[1] == costs[2] <= 40


class TestWhatIsCarried:
    def test_what_is_still_open_is_known_again_with_what_people_wrote(self, made, queue, amina, brian):
        queue += [Item("thing:1", "A thing"), Item("thing:2", "Another")]
        duty.tick(MIDNIGHT)
        row = HandoverItem.objects.get(source="thing:1")
        handing.edit_item(
            row, {"next_action": "Ask the vendor", "owner": brian}, actor=person(amina), now=MIDNIGHT
        )
        queue[:] = [Item("thing:3", "New"), Item("thing:1", "A thing, worse")]
        duty.tick(NEXT)
        found = Handover.objects.get(at=NEXT).items.all()
        assert [(each.title, each.next_action, each.owner, each.carried) for each in found] == [
            ("New", "", None, 0),
            ("A thing, worse", "Ask the vendor", brian, 1),
        ]

    def test_its_source_has_the_last_word_where_it_proposes_something(self, made, queue, amina, brian):
        queue[:] = [Item("thing:1", "A thing", next_action="Acknowledge it")]
        duty.tick(MIDNIGHT)
        queue[:] = [Item("thing:1", "A thing", next_action="See whether it holds", owner_id=brian.pk)]
        duty.tick(NEXT)
        row = Handover.objects.get(at=NEXT).items.get()
        assert (row.next_action, row.owner) == ("See whether it holds", brian)

    def test_what_people_wrote_by_hand_goes_on_until_it_is_removed(self, made, amina, brian):
        duty.tick(MIDNIGHT)
        first = Handover.objects.get()
        handing.add_item(first, {"title": "Badge reader is broken"}, actor=person(amina), now=MIDNIGHT)
        duty.tick(NEXT), duty.tick(NEXT + DAY)
        second, third = Handover.objects.filter(at__gt=MIDNIGHT).order_by("at")
        assert [(each.title, each.carried) for each in third.items.all()] == [("Badge reader is broken", 2)]
        handing.remove_item(third.items.get(), actor=person(amina), now=NEXT + DAY)
        duty.tick(NEXT + 2 * DAY)
        assert titles(Handover.objects.get(at=NEXT + 2 * DAY)) == []
        assert titles(second) == ["Badge reader is broken"]

    def test_what_a_failing_section_had_stays(self, made, queue):
        queue.append(Item("thing:1", "A thing"))
        duty.tick(MIDNIGHT)
        registry.register("queue", "Queue", 5, lambda scope, now: 1 / 0)
        duty.tick(NEXT)
        found = Handover.objects.get(at=NEXT).items.all()
        assert [(each.title, each.carried) for each in found] == [
            ("“Queue” could not be filled: look there yourself", 0),
            ("A thing", 1),
        ]

    def test_the_older_one_is_closed_to_writers_and_reminds_nobody(self, made, amina):
        duty.tick(MIDNIGHT)
        first = Handover.objects.get()
        assert first.next_at is not None
        duty.tick(NEXT)
        first.refresh_from_db()
        assert first.next_at is None
        with pytest.raises(IllegalState, match="has been drafted"):
            handing.publish(first, actor=person(amina), now=NEXT)

    def test_what_was_accepted_and_is_still_open_is_carried_too_and_to_be_accepted_anew(
        self, made, queue, amina, brian
    ):
        queue.append(Item("thing:1", "A thing", next_action="Look", owner_id=brian.pk))
        duty.tick(MIDNIGHT)
        first = Handover.objects.get()
        handing.publish(first, actor=person(amina), now=MIDNIGHT)
        handing.accept(first, actor=person(brian), now=MIDNIGHT)
        duty.tick(NEXT)
        row = Handover.objects.get(at=NEXT).items.get()
        assert (row.carried, row.accepted_at) == (1, None)


class TestCompleting:
    def test_the_outgoing_and_leads_write_and_nobody_else(self, made, amina, brian, lead):
        row = draft_of(amina, brian, made)
        for writer in (amina, lead):
            handing.write_summary(row, f"By {writer}", actor=person(writer), now=MIDNIGHT)
        for other in (brian, make.user(), make.user("stakeholder"), make.user("service")):
            with pytest.raises(NotAllowed):
                handing.write_summary(row, "Mine", actor=person(other), now=MIDNIGHT)
            with pytest.raises(NotAllowed):
                handing.add_item(row, {"title": "Mine"}, actor=person(other), now=MIDNIGHT)
            with pytest.raises(NotAllowed):
                handing.publish(row, actor=person(other), now=MIDNIGHT)
        row.refresh_from_db()
        assert (row.summary, row.version, row.items.count()) == ("By Grace", 3, 0)

    def test_nobody_overwrites_what_they_have_not_seen(self, made, amina, brian, lead):
        row = draft_of(amina, brian, made)
        thing = item(row)
        handing.edit_item(thing, {"title": "By Grace"}, actor=person(lead), now=MIDNIGHT, version=1)
        for write in (
            lambda: handing.edit_item(thing, {"title": "Old"}, actor=person(amina), now=MIDNIGHT, version=1),
            lambda: handing.write_summary(row, "Old", actor=person(amina), now=MIDNIGHT, version=1),
            lambda: handing.remove_item(thing, actor=person(amina), now=MIDNIGHT, version=1),
            lambda: handing.publish(row, actor=person(amina), now=MIDNIGHT, version=1),
        ):
            with pytest.raises(Changed) as refused:
                write()
            assert refused.value.extra == {"version": 2}
        assert titles(row) == ["By Grace"]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"title": "  "}, "title"),
            ({"title": "x" * 201}, "title"),
            ({"next_action": "x" * 201}, "next_action"),
            ({"detail": "x" * 10_001}, "detail"),
            ({"carried": 7}, "carried"),
            ({"due_at": NOW.replace(year=2151)}, "due_at"),
        ],
    )
    def test_what_an_item_cannot_say(self, made, amina, brian, values, field):
        row = draft_of(amina, brian, made)
        thing = item(row, "As it was")
        with pytest.raises(Invalid) as refused:
            handing.edit_item(thing, values, actor=person(amina), now=MIDNIGHT)
        assert field in refused.value.fields
        thing.refresh_from_db()
        assert (thing.title, thing.carried) == ("As it was", 0)

    def test_an_owner_can_be_on_call_and_a_section_is_known(self, made, amina, brian):
        row = draft_of(amina, brian, made)
        with pytest.raises(Invalid, match="can't be on call"):
            handing.add_item(
                row, {"title": "x", "owner": make.user("stakeholder")}, actor=person(amina), now=MIDNIGHT
            )
        with pytest.raises(Invalid) as refused:
            handing.add_item(row, {"title": "x"}, section="other", actor=person(amina), now=MIDNIGHT)
        assert list(refused.value.fields) == ["section"]

    def test_what_has_no_owner_goes_to_one_at_once(self, made, amina, brian, lead):
        row = draft_of(amina, brian, made)
        item(row, "Whose", owner=None), item(row, "Grace's", owner=lead)
        handing.give_rest(row, brian, actor=person(amina), now=MIDNIGHT)
        assert [each.owner for each in row.items.all()] == [brian, lead]

    def test_an_owner_who_is_deactivated_is_none(self, made, amina, brian):
        row = draft_of(amina, brian, made)
        gone = make.user(name="Gone", is_active=False)
        item(row, "Theirs", owner=gone)
        with pytest.raises(Invalid, match="“Theirs” has no owner"):
            handing.publish(row, actor=person(amina), now=MIDNIGHT)
        handing.give_rest(row, brian, actor=person(amina), now=MIDNIGHT)
        assert handing.publish(row, actor=person(amina), now=MIDNIGHT).state == "published"

    def test_it_is_published_once_each_item_has_an_owner_and_a_next_action(self, made, amina, brian):
        row = draft_of(amina, brian, made)
        item(row, "Whole")
        lacks = item(row, "Half", owner=None)
        empty = item(row, "Empty", owner=None, next_action="")
        with pytest.raises(Invalid, match="“Half” has no owner; “Empty” has no owner and no next action"):
            handing.publish(row, actor=person(amina), now=MIDNIGHT)
        row.refresh_from_db()
        assert row.state == "draft"
        for thing in (lacks, empty):
            handing.edit_item(
                thing, {"owner": brian, "next_action": "Look"}, actor=person(amina), now=MIDNIGHT
            )
        done = handing.publish(row, actor=person(amina), now=MIDNIGHT + MINUTE)
        assert (done.state, done.published_at, done.published_by) == (
            "published",
            MIDNIGHT + MINUTE,
            amina,
        )

    def test_what_was_published_stays(self, published, amina):
        thing = published.items.first()
        for write in (
            lambda: handing.edit_item(thing, {"title": "New"}, actor=person(amina), now=MIDNIGHT),
            lambda: handing.remove_item(thing, actor=person(amina), now=MIDNIGHT),
            lambda: handing.add_item(published, {"title": "New"}, actor=person(amina), now=MIDNIGHT),
            lambda: handing.publish(published, actor=person(amina), now=MIDNIGHT),
        ):
            with pytest.raises(IllegalState, match="It is published"):
                write()
        assert titles(published) == ["First", "Second"]

    def test_an_item_of_another_hand_over_or_gone_is_refused(self, made, amina, brian):
        row = draft_of(amina, brian, made)
        thing = item(row)
        handing.remove_item(thing, actor=person(amina), now=MIDNIGHT)
        thing.pk = 0
        with pytest.raises(IllegalState, match="removed meanwhile"):
            handing.edit_item(thing, {"title": "x"}, actor=person(amina), now=MIDNIGHT)


class TestAccepting:
    def test_item_by_item_until_all_of_it_is_taken(self, published, brian):
        first, second = published.items.all()
        for _ in range(2):
            assert handing.accept_item(first, actor=person(brian), now=MIDNIGHT + HOUR).state == "published"
        done = handing.accept_item(second, actor=person(brian), now=MIDNIGHT + 2 * HOUR)
        assert (done.state, done.accepted_at, done.next_at) == ("accepted", MIDNIGHT + 2 * HOUR, None)
        first.refresh_from_db()
        assert (first.accepted_by, first.accepted_at) == (brian, MIDNIGHT + HOUR)

    def test_the_incoming_and_leads_and_nobody_else(self, published, amina, lead):
        thing = published.items.first()
        for other in (amina, make.user(), make.user("service")):
            with pytest.raises(NotAllowed):
                handing.accept_item(thing, actor=person(other), now=MIDNIGHT)
            with pytest.raises(NotAllowed):
                handing.accept(published, actor=person(other), now=MIDNIGHT)
        assert handing.accept(published, actor=person(lead), now=MIDNIGHT).state == "accepted"

    def test_a_draft_is_not_accepted(self, made, amina, brian):
        row = draft_of(amina, brian, made)
        with pytest.raises(IllegalState, match="still a draft"):
            handing.accept(row, actor=person(brian), now=MIDNIGHT)

    def test_one_without_items_is_accepted_as_a_whole_and_twice_is_once(self, made, amina, brian):
        row = draft_of(amina, brian, made)
        handing.publish(row, actor=person(amina), now=MIDNIGHT)
        for minute in (1, 2):
            done = handing.accept(row, actor=person(brian), now=MIDNIGHT + minute * MINUTE)
        assert (done.state, done.accepted_at) == ("accepted", MIDNIGHT + MINUTE)
        assert AuditEntry.objects.filter(action="handover.accepted").count() == 1


class TestWhoHears:
    def test_the_outgoing_after_a_quarter_of_an_hour_then_who_looks_after_the_rota(
        self, made, amina, brian, lead
    ):
        made.owner = lead
        made.save()
        duty.tick(MIDNIGHT)
        duty.tick(MIDNIGHT + 15 * MINUTE - MINUTE / 60)
        assert heard(amina) == []
        for minute in (15, 16, 29):
            duty.tick(MIDNIGHT + minute * MINUTE)
        assert (heard(amina), heard(brian), heard(lead)) == (["Hand-over of Nights to publish"], [], [])
        for minute in (30, 31, 600):
            duty.tick(MIDNIGHT + minute * MINUTE)
        assert (len(heard(amina)), heard(brian), heard(lead)) == (
            1,
            [],
            ["Hand-over of Nights is not published"],
        )

    def test_the_incoming_when_it_is_published_and_a_quarter_of_an_hour_later_then_the_lead(
        self, published, made, amina, brian, lead
    ):
        made.team.lead = lead
        made.team.save()
        begun = published.published_at
        assert heard(brian) == ["Hand-over of Nights to accept"]
        handover_news.tick(begun + 14 * MINUTE)
        assert len(heard(brian)) == 1
        handover_news.tick(begun + 15 * MINUTE)
        assert heard(brian) == ["Hand-over of Nights to accept"] * 2
        handover_news.tick(begun + 30 * MINUTE)
        assert (len(heard(brian)), heard(amina), heard(lead)) == (
            2,
            [],
            ["Hand-over of Nights is not accepted"],
        )
        assert handover_news.tick(begun + 10 * DAY) == 0

    def test_nobody_once_it_is_accepted(self, published, brian, lead):
        handing.accept(published, actor=person(brian), now=MIDNIGHT + 10 * MINUTE)
        handover_news.tick(MIDNIGHT + DAY)
        assert len(heard(brian)) == 1

    def test_who_does_without_hears_nothing(self, made, amina):
        amina.muted_kinds.create(kind="rota.handover")
        duty.tick(MIDNIGHT)
        duty.tick(MIDNIGHT + 15 * MINUTE)
        assert heard(amina) == []

    def test_the_message_leads_there_and_says_when_on_ones_own_clock(self, made, amina):
        amina.own_zone = "Africa/Nairobi"
        amina.save()
        duty.tick(MIDNIGHT)
        duty.tick(MIDNIGHT + 15 * MINUTE)
        letter = amina.messages.get(channel="in_app", kind="rota.handover")
        row = Handover.objects.get()
        assert (letter.url, letter.body) == (
            f"/rotas/handovers/{row.pk}/",
            "From Amina to Brian, Thu 5 Mar 03:00 EAT.",
        )


class TestTheLists:
    def test_what_waits_is_the_newest_of_each_rota_ones_own_first(self, made, amina, brian):
        other = rota(name="Days")
        old = handover(made, [amina], [brian], at=MIDNIGHT)
        new = handover(made, [brian], [amina], at=NEXT)
        theirs = handover(other, [make.user()], [make.user()], at=MIDNIGHT)
        accepted = rota(name="Quiet")
        handover(accepted, [amina], [brian], at=MIDNIGHT, state="accepted")
        assert [(each.handover, each.mine) for each in queries.waiting(brian)] == [
            (new, True),
            (theirs, False),
        ]
        assert [each.handover for each in queries.waiting(amina)] == [theirs, new]
        assert queries.waiting(make.user("stakeholder")) == []
        assert old.pk != new.pk

    def test_the_numbers(self, made, amina, brian):
        on_time = handover(made, [amina], [brian], at=MIDNIGHT, published_at=MIDNIGHT + 15 * MINUTE)
        handover(made, [amina], [brian], at=NEXT, published_at=NEXT + 16 * MINUTE, accepted_at=NEXT + HOUR)
        handover(made, [amina], [brian], at=NEXT + DAY)
        handover(made, [amina], [brian], at=NEXT + 9 * DAY)
        item(on_time, carried=2), item(on_time, carried=3, owner=None)
        found = queries.numbers(MIDNIGHT, NEXT + 9 * DAY)
        assert found == queries.Numbers(
            drafted=3, published=2, on_time=1, accepted=1, items=2, without_owner=1, carried_long=1
        )
        assert found.on_time_percent == pytest.approx(100 / 3)
        assert queries.numbers(MIDNIGHT, NEXT, [rota()]).on_time_percent is None

    def test_parts_stand_in_the_order_of_the_registry_and_unknown_ones_last(self, made, queue):
        row = handover(made)
        for section in ("gone", "notes", "queue"):
            item(row, section, section=section)
        assert [part.key for part in queries.parts_of(row)] == ["queue", "notes", "gone"]
