"""Plans and people: skills, needs, shares, rest, leave, swaps, a pattern to come, somebody who learns, drills."""

from dataclasses import replace
from datetime import datetime, timedelta

from accounts.models import Site, User
from config.demo import DEMO_LEAD
from core.types import person
from rotas.domain import covering, leaves, shadows, swaps
from rotas.domain.handovers import draft
from rotas.domain.patterns import begin_pattern, pattern_at
from rotas.models import (
    CoverNeed,
    DrillLine,
    EscalationPolicy,
    FireDrill,
    Layer,
    LayerMember,
    Participation,
    RestRule,
    Rota,
    Skill,
)
from rotas.queries.cover import who_was
from rotas.queries.mine import MyShift, shifts_of
from services.models import Service

DAY = timedelta(days=1)
EVERY_DAY = list(range(7))


def load_planning(now: datetime) -> None:
    """Everything that makes a rota more than turns. Through the real verbs, so that it is what people would have done."""
    people = {user.email.split("@")[0]: user for user in User.objects.select_related("site")}
    lead = User.objects.get(email=DEMO_LEAD)
    l1, l2 = Rota.objects.get(slug="l1-sun"), Rota.objects.get(slug="l2-sun")
    _needs(l1, l2, people)
    _rest()
    _manager(lead, people, now)
    _pattern_to_come(l2, lead, now)
    _leave(people, lead, now)
    _swaps(people, now)
    _training(l2, people["bikash.tamang"], lead, now)
    _drills(people, lead, now)
    covering.tick(now)
    for rota in (l1, l2):
        begun = who_was(rota, now)
        if begun is not None:
            draft(rota, begun.start, now)


def _training(rota: Rota, learner: User, lead: User, now: datetime) -> None:
    """A fortnight beside the second line, a week of watching and a week of leading. It was entered before it began."""
    for kind, first, last in (("shadow", -1, 6), ("reverse", 6, 13)):
        shadows.enter_shadow(
            rota,
            learner,
            kind=kind,
            starts_at=now + first * DAY,
            ends_at=now + last * DAY,
            actor=person(lead),
            now=now - 3 * DAY,
        )


def _needs(l1: Rota, l2: Rota, people: dict[str, User]) -> None:
    spark = Skill.objects.create(slug="spark", name="Spark")
    spark.people.set(
        [
            people[name]
            for name in ("grace.wanjiku", "responder", "prakash.adhikari", "andres.pardo")
            if name in people
        ]
    )
    Skill.objects.create(slug="feature-stores", name="Feature stores").people.set(
        [people["samuel.kiptoo"], people["brian.otieno"]]
    )
    CoverNeed.objects.create(rota=l1, people=1, weekdays=EVERY_DAY, start="00:00", end="00:00")
    CoverNeed.objects.create(rota=l2, people=1, weekdays=EVERY_DAY, start="00:00", end="00:00")
    CoverNeed.objects.create(
        rota=l2, people=1, weekdays=[0, 1, 2, 3, 4], start="00:30", end="08:00", skill=spark
    )
    Participation.objects.create(rota=l1, user=people["valentina.gomez"], share=60)
    Participation.objects.create(rota=l1, user=people["faith.chebet"], share=100, willing=False)


def _rest() -> None:
    RestRule.objects.create()
    RestRule.objects.create(
        site=Site.objects.get(slug="bogota"), min_rest_hours=12, max_days=6, max_week_hours=46
    )


def _manager(lead: User, people: dict[str, User], now: datetime) -> None:
    """Major incidents have somebody who leads: a week each, from home, holidays by name."""
    rota = Rota.objects.create(
        slug="mim",
        name="Major-incident manager",
        team=lead.teams.get(slug="l2-support"),
        level="major",
        zone="Africa/Nairobi",
        owner=lead,
        is_standby=True,
        holiday_rule="named",
        hands_over=False,
    )
    rota.holiday_people.set([lead])
    start = now - timedelta(days=now.weekday(), weeks=26)
    layer = Layer.objects.create(
        rota=rota,
        name="A week each",
        site=lead.site,
        zone="Africa/Nairobi",
        anchor=start.replace(hour=6, minute=0, second=0, microsecond=0),
    )
    for turn, name in enumerate(("responder", "samuel.kiptoo", "prakash.adhikari", "andres.pardo")):
        LayerMember.objects.create(layer=layer, user=people[name], turn=turn)
    policy = EscalationPolicy.objects.get(slug="fraud-sev1")
    policy.repage_minutes = 45
    policy.save(update_fields=["repage_minutes"])
    policy.steps.get(position=2).targets.create(kind="on_call", rota=rota)


def _pattern_to_come(rota: Rota, lead: User, now: datetime) -> None:
    """In four weeks the order of turns changes at the last site."""
    monday = (now + timedelta(days=28 - now.weekday())).replace(hour=0, minute=15, second=0, microsecond=0)
    layers = pattern_at(rota, now)
    begin_pattern(
        rota,
        [*layers[:-1], replace(layers[-1], turns=layers[-1].turns[::-1])],
        starts_at=monday,
        actor=person(lead),
        now=now,
        note="Turns the other way round after the holidays",
    )


def _leave(people: dict[str, User], lead: User, now: datetime) -> None:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    sunita = people["sunita.gurung"]
    # it meets a shift of hers, so that coverage has something to show
    meets = next(
        (shift.start for shift in shifts_of(sunita, now, limit=40) if shift.start > now + 3 * DAY), now
    )
    first = meets.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=5, minutes=45)
    leaves.ask_leave(
        sunita,
        starts_at=first,
        ends_at=first + 3 * DAY,
        note="Family in Pokhara",
        actor=person(lead),
        now=now,
    )
    leaves.ask_leave(
        people["camila.rojas"],
        starts_at=midnight + 16 * DAY,
        ends_at=midnight + 18 * DAY,
        kind="training",
        note="Databricks course",
        actor=person(people["camila.rojas"]),
        now=now,
    )


def _swaps(people: dict[str, User], now: datetime) -> None:
    brian, faith = people["brian.otieno"], people["faith.chebet"]
    ahead: list[tuple[User, User, MyShift]] = [
        (giver, taker, shift)
        for giver, taker in ((brian, faith), (faith, brian))
        for shift in shifts_of(giver, now, limit=40)
        if shift.start > now + 2 * DAY and not shift.others and not shift.is_override
    ]
    for number, (giver, taker, shift) in enumerate(sorted(ahead, key=lambda each: each[2].start)[:2]):
        swap = swaps.offer_swap(
            shift.rota,
            giver,
            starts_at=shift.start,
            ends_at=shift.end,
            taker=taker,
            note=("School play", "Dentist")[number],
            actor=person(giver),
            now=now,
        )
        if number == 0:
            swaps.accept_swap(swap, taker, now=now)


def _drills(people: dict[str, User], lead: User, now: datetime) -> None:
    service = Service.objects.get(slug="fraud-scorer")
    policy = EscalationPolicy.objects.get(slug="fraud-sev1")
    for days, took, who in ((40, timedelta(minutes=2, seconds=41), "brian.otieno"), (9, None, "")):
        at = now - days * DAY
        drill = FireDrill.objects.create(
            service=service,
            severity="SEV1",
            policy=policy,
            policy_name=policy.name,
            state="acknowledged" if took else "unanswered",
            started_at=at,
            started_by=lead,
            acknowledged_at=at + took if took else None,
            acknowledged_by=people[who] if took else None,
            ended_at=at + (took or timedelta(minutes=54)),
        )
        lines = [(timedelta(), f"{lead} began a drill: {policy.name} calls.", None)]
        lines.append(
            (
                timedelta(seconds=1),
                f"Called {people['brian.otieno']}, on call of L1 follow-the-sun (step 1 of 3).",
                "brian.otieno",
            )
        )
        lines.append(
            (took, f"{people[who]} answered by link.", who)
            if took
            else (
                timedelta(minutes=54),
                "Everyone was called and nobody acknowledged. Nobody else will be called.",
                None,
            )
        )
        DrillLine.objects.bulk_create(
            DrillLine(drill=drill, at=at + after, text=text, user=people[name] if name else None)
            for after, text, name in lines
        )
