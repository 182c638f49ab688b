"""Swaps: offered, taken, declined, expired, undone; whole or not at all."""

import pytest

from core.errors import IllegalState, Invalid, NotAllowed
from core.types import person
from rotas.domain import duty, swaps
from rotas.domain.overrides import add_override
from rotas.models import Override, Swap
from rotas.queries.oncall import on_call
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, MINUTE, rota

pytestmark = pytest.mark.django_db
MIDNIGHT = NOW.replace(hour=0)
MINE = MIDNIGHT + 2 * DAY, MIDNIGHT + 3 * DAY  # Amina's day; Brian has the next
HIS = MIDNIGHT + 3 * DAY, MIDNIGHT + 4 * DAY


@pytest.fixture
def made(amina, brian):
    return rota(amina, brian, name="Nights")


def offer(made, giver, when=MINE, **fields) -> Swap:
    fields.setdefault("now", NOW)
    return swaps.offer_swap(made, giver, starts_at=when[0], ends_at=when[1], actor=person(giver), **fields)


def on(made, at) -> list[str]:
    return [str(user) for user in on_call(made, at)]


def test_somebody_takes_a_shift(made, amina, brian):
    swap = offer(made, amina, taker=brian, note="wedding")
    assert on(made, MINE[0]) == ["Amina"]
    assert brian.messages.get(channel="in_app").subject == "Amina offers a shift of Nights"
    swaps.accept_swap(swap, brian, now=NOW + HOUR)
    assert [on(made, MINE[0]), on(made, MINE[1] - MINUTE), on(made, MINE[1])] == [["Brian"]] * 3
    assert amina.messages.get(channel="in_app").subject == "Brian takes the shift of Nights"
    assert Override.objects.get().reason == "swap: wedding"


def test_one_for_another(made, amina, brian):
    swap = offer(made, amina, taker=brian, back=HIS)
    swaps.accept_swap(swap, brian, now=NOW)
    assert [on(made, MINE[0]), on(made, HIS[0])] == [["Brian"], ["Amina"]]


def test_there_and_back_again_is_as_it_was(made, amina, brian):
    before = [on(made, MIDNIGHT + n * 6 * HOUR) for n in range(30)]
    swaps.accept_swap(offer(made, amina, taker=brian), brian, now=NOW)
    swaps.accept_swap(offer(made, brian, taker=amina), amina, now=NOW)
    assert [on(made, MIDNIGHT + n * 6 * HOUR) for n in range(30)] == before


def test_offered_to_everybody_whoever_is_first_has_it(amina, brian):
    chege = make.user(name="Chege")
    made = rota(amina, brian, chege)
    swap = offer(made, amina, (MIDNIGHT + 3 * DAY, MIDNIGHT + 4 * DAY))
    swaps.accept_swap(swap, chege, now=NOW)
    with pytest.raises(IllegalState, match="accepted already"):
        swaps.accept_swap(swap, brian, now=NOW)
    stranger = offer(made, brian, (MIDNIGHT + 4 * DAY, MIDNIGHT + 5 * DAY))
    with pytest.raises(NotAllowed):
        swaps.accept_swap(stranger, make.user(), now=NOW)


def test_part_of_a_shift(made, amina, brian):
    swap = offer(made, amina, (MINE[0] + 6 * HOUR, MINE[0] + 9 * HOUR), taker=brian)
    swaps.accept_swap(swap, brian, now=NOW)
    assert [on(made, MINE[0] + n * HOUR)[0] for n in (5, 6, 8, 9)] == ["Amina", "Brian", "Brian", "Amina"]


@pytest.mark.parametrize(
    ("when", "fields", "field", "words"),
    [
        ((HIS[0], HIS[1]), {}, "starts_at", "Amina isn't on call of Nights for all of that time"),
        ((MINE[0], MINE[1] + HOUR), {}, "starts_at", "for all of that time"),
        ((MINE[1], MINE[0]), {}, "ends_at", "after the start"),
        ((NOW - HOUR, NOW + HOUR), {}, "starts_at", "It has begun"),
        (MINE, {"expires_at": NOW}, "expires_at", "open for a while"),
        (MINE, {"back": HIS}, "taker", "Say with whom"),
    ],
)
def test_what_cannot_be_offered(made, amina, when, fields, field, words):
    with pytest.raises(Invalid, match=words) as refused:
        offer(made, amina, when, **fields)
    assert field in refused.value.fields
    assert not Swap.objects.exists()


def test_with_whom_it_cannot_be(made, amina, brian):
    gone = make.user(name="Gone", is_active=False)
    for taker, words in ((amina, "themselves"), (gone, "can't be on call")):
        with pytest.raises(Invalid, match=words):
            offer(made, amina, taker=taker)
    add_override(
        made, starts_at=MINE[0], ends_at=MINE[1], user=brian, replaces=None, actor=person(amina), now=NOW
    )
    with pytest.raises(Invalid, match="Brian is on call of Nights then already"):
        offer(made, amina, taker=brian)


def test_two_offers_never_overlap(made, amina, brian):
    first = offer(made, amina)
    with pytest.raises(Invalid, match="offered some of this already"):
        offer(made, amina, (MINE[0] + HOUR, MINE[0] + 2 * HOUR), taker=brian)
    swaps.withdraw_swap(first, actor=person(amina), now=NOW)
    assert offer(made, amina, taker=brian).state == "offered"


def test_a_shift_that_changed_meanwhile_is_not_taken(made, amina, brian):
    chege = make.user(name="Chege")
    swap = offer(made, amina, taker=brian)
    add_override(
        made,
        starts_at=MINE[0],
        ends_at=MINE[0] + HOUR,
        user=chege,
        replaces=amina,
        actor=person(amina),
        now=NOW,
    )
    with pytest.raises(IllegalState, match="isn't on call of Nights for all of that time"):
        swaps.accept_swap(swap, brian, now=NOW)
    assert Override.objects.count() == 1
    swap.refresh_from_db()
    assert swap.state == "offered"


def test_an_offer_expires_and_its_giver_hears_of_it(made, amina, brian):
    swap = offer(made, amina, taker=brian, expires_at=NOW + HOUR)
    duty.tick(NOW + HOUR - MINUTE)
    swap.refresh_from_db()
    assert swap.state == "offered"
    with pytest.raises(IllegalState, match="expired"):
        swaps.accept_swap(swap, brian, now=NOW + HOUR)
    duty.tick(NOW + HOUR)
    swap.refresh_from_db()
    assert swap.state == "expired"
    assert amina.messages.get(channel="in_app").subject == "Nobody took the offered shift of Nights"
    assert duty.tick(NOW + 2 * HOUR) == 0


def test_it_is_open_for_two_days_and_never_beyond_its_beginning(made, amina):
    assert offer(made, amina).expires_at == MINE[0]
    later = MIDNIGHT + 10 * DAY
    assert offer(made, amina, (later, later + DAY)).expires_at == NOW + swaps.OPEN_FOR


def test_declined_by_whom_it_was_offered_to_only(made, amina, brian):
    swap = offer(made, amina, taker=brian)
    with pytest.raises(NotAllowed):
        swaps.decline_swap(swap, make.user(), now=NOW)
    assert swaps.decline_swap(swap, brian, now=NOW).state == "declined"


def test_undone_before_it_begins_by_either_or_a_lead(made, amina, brian):
    swap = swaps.accept_swap(offer(made, amina, taker=brian, back=HIS), brian, now=NOW)
    with pytest.raises(NotAllowed):
        swaps.undo_swap(swap, actor=person(make.user()), now=NOW)
    swaps.undo_swap(swap, actor=person(brian), now=NOW)
    assert [on(made, MINE[0]), on(made, HIS[0])] == [["Amina"], ["Brian"]]
    assert not Override.objects.exists()


def test_once_it_has_begun_it_stays(made, amina, brian):
    swap = swaps.accept_swap(offer(made, amina, taker=brian), brian, now=NOW)
    with pytest.raises(IllegalState, match="has begun"):
        swaps.undo_swap(swap, actor=person(make.user("lead")), now=MINE[0])
    assert on(made, MINE[0]) == ["Brian"]


def test_who_does_without_hears_nothing(made, amina, brian):
    brian.muted_kinds.create(kind="rota.swap")
    offer(made, amina, taker=brian)
    assert not brian.messages.exists()
