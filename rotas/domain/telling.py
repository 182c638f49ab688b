"""What rotas tell people by message: shifts, swaps, leave, gaps, hand-overs.

Who does without a kind of them says so (notifications.kinds).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.models import User
from accounts.queries.people import leads
from core.types import Actor
from core.ui.words import zone_letters
from core.zones import to_local
from notifications.choices import Urgency
from notifications.domain import outbox
from notifications.types import Announcement
from rotas.choices import LeaveState, ShadowKind, SwapState
from rotas.domain.needs import Shortage
from rotas.models import Cover, Leave, Rota, Shadow, Swap

SHIFT_SOON = "rota.shift_soon"
SHIFT_BEGINS = "rota.shift_begins"
SWAP = "rota.swap"
LEAVE = "rota.leave"
GAP = "rota.gap"
HANDOVER = "rota.handover"
SHADOW = "rota.shadow"
_SAID = {
    SwapState.OFFERED: "offers a shift of",
    SwapState.ACCEPTED: "takes the shift of",
    SwapState.DECLINED: "declined the shift of",
    SwapState.WITHDRAWN: "took back the offer of",
    SwapState.EXPIRED: "Nobody took the offered shift of",
    SwapState.UNDONE: "undid the swap of",
}


def span(start: datetime, end: datetime, zone: str) -> str:
    """A stretch of time in words on a zone's clock: "Wed 25 Nov 12:00 to 16:00 EAT"."""
    begin, until = to_local(start, zone), to_local(end, zone)
    tail = f"{until:%H:%M}" if until.date() == begin.date() else f"{until:%a} {until.day} {until:%b %H:%M}"
    return f"{begin:%a} {begin.day} {begin:%b %H:%M} to {tail} {zone_letters(zone, start)}"


def tell_shift(kind: str, row: Cover, user: User, *, now: datetime) -> None:
    """That a person's stretch begins soon (SHIFT_SOON), or has begun (SHIFT_BEGINS)."""
    rota, start, end, why = row.rota, row.starts_at, row.ends_at, row.why
    begins = kind == SHIFT_BEGINS
    subject = f"You are on call of {rota.name}" if begins else f"Your shift of {rota.name} begins soon"
    outbox.announce(
        Announcement(
            key=f"{kind}:{rota.pk}:{start.isoformat()}",
            kind=kind,
            urgency=Urgency.ORDINARY,
            subject=subject,
            body=f"{span(start, end, user.zone)}.\n{why[:1].upper()}{why[1:]}.",
            url=f"/rotas/{rota.slug}/",
            about_kind="rota",
            about_ref=rota.slug,
            data={"story": f"shift:{start.isoformat()}"},
        ),
        [user],
        now=now,
    )


def tell_shadow(shadow: Shadow, *, taken_back: bool = False, actor: Actor, now: datetime) -> None:
    """Who learns hears that it was entered, or taken back, and what it means."""
    user, rota = shadow.user, shadow.rota
    subject = f"You are in training on {rota.name}"
    lines = [f"{span(shadow.starts_at, shadow.ends_at, user.zone)}.", what_training_means(shadow.kind)]
    if taken_back:
        subject = f"Your training on {rota.name} is taken back"
        lines = lines[:1] if shadow.starts_at >= now else [f"It ends at {moment(now, user.zone)}."]
    lines.append(f"By {actor.name}.")
    _tell_trainee(shadow, (SHADOW, "taken_back" if taken_back else "entered"), subject, lines, now)


def tell_shadow_begins(kind: str, shadow: Shadow, *, now: datetime) -> None:
    """That a person's time in training begins soon (SHIFT_SOON), or has begun (SHIFT_BEGINS)."""
    begins = kind == SHIFT_BEGINS
    name = shadow.rota.name
    subject = f"You are on call of {name}, in training" if begins else f"Your training on {name} begins soon"
    lines = [
        f"{span(shadow.starts_at, shadow.ends_at, shadow.user.zone)}.",
        what_training_means(shadow.kind),
    ]
    _tell_trainee(shadow, (kind, shadow.starts_at.isoformat()), subject, lines, now)


def what_training_means(kind: str) -> str:
    """What a shadow of this kind is called for, in a sentence or two."""
    if kind == ShadowKind.REVERSE:
        return "You lead: you are called, and whoever is on call is called as well and watches."
    return "You watch along: when somebody is called you hear of it. Nobody waits for you."


def _tell_trainee(
    shadow: Shadow, key: tuple[str, str], subject: str, lines: Sequence[str], now: datetime
) -> None:
    kind, what = key
    outbox.announce(
        Announcement(
            key=f"shadow:{shadow.pk}:{kind}:{what}",
            kind=kind,
            urgency=Urgency.ORDINARY,
            subject=subject,
            body="\n".join(lines),
            url=f"/rotas/{shadow.rota.slug}/",
            about_kind="shadow",
            about_ref=str(shadow.pk),
            data={"story": f"shadow:{shadow.pk}:{what}"},
        ),
        [shadow.user],
        now=now,
    )


def tell_about_swap(swap: Swap, *, to: Sequence[User], actor: Actor, now: datetime) -> None:
    """That a swap was offered, taken or ended."""
    state = SwapState(swap.state)
    subject = f"{_SAID[state]} {swap.rota.name}"
    if state != SwapState.EXPIRED:
        subject = f"{actor.name} {subject}"
    for user in to:
        lines = [f"{swap.giver} gives {span(swap.starts_at, swap.ends_at, user.zone)}."]
        if swap.back_starts_at is not None and swap.back_ends_at is not None:
            lines.append(f"In exchange: {span(swap.back_starts_at, swap.back_ends_at, user.zone)}.")
        if swap.note:
            lines.append(swap.note)
        if state == SwapState.OFFERED:
            lines.append(f"Open until {moment(swap.expires_at, user.zone)}.")
        outbox.announce(
            Announcement(
                key=f"swap:{swap.pk}:{state}",
                kind=SWAP,
                urgency=Urgency.ORDINARY,
                subject=subject[:200],
                body="\n".join(lines),
                url="/rotas/swaps/",
                about_kind="swap",
                about_ref=str(swap.pk),
                data={"story": f"swap:{swap.pk}"},
            ),
            [user],
            now=now,
        )


def tell_about_leave(leave: Leave, *, actor: Actor, now: datetime) -> None:
    """Leads hear that leave is asked for, its person that it was decided."""
    if leave.state == LeaveState.ASKED:
        people: Iterable[User] = leads()
        subject = f"{leave.user} asks for leave"
    elif leave.decided_by_id == leave.user_id or leave.state == LeaveState.WITHDRAWN:
        return
    else:
        people, subject = [leave.user], f"Your leave is {leave.get_state_display().lower()}"
    for user in people:
        outbox.announce(
            Announcement(
                key=f"leave:{leave.pk}:{leave.state}:{leave.asked_at:%Y%m%dT%H%M%S}",
                kind=LEAVE,
                urgency=Urgency.ORDINARY,
                subject=subject,
                body="\n".join(
                    filter(None, [f"{span(leave.starts_at, leave.ends_at, user.zone)}.", leave.note])
                ),
                url="/rotas/leave/",
                about_kind="leave",
                about_ref=str(leave.pk),
            ),
            [user],
            now=now,
        )


def tell_gaps(rota: Rota, gaps: Sequence[Shortage], *, now: datetime) -> None:
    """Whoever looks after the rota hears of time ahead without enough people."""
    owner = rota.owner or rota.team.lead
    if owner is None or not gaps:
        return
    first = gaps[0]
    lines = [
        f"{span(each.start, each.end, owner.zone)}: {each.have} of {each.wanted}"
        + (" (on leave)" if each.away else "")
        for each in gaps[:10]
    ]
    if len(gaps) > len(lines):
        lines.append(f"and {len(gaps) - len(lines)} more")
    outbox.announce(
        Announcement(
            key=f"gap:{rota.pk}:{first.start.isoformat()}:{len(gaps)}:{now:%Y%m%dT%H%M%S.%f}",
            kind=GAP,
            urgency=Urgency.ORDINARY,
            subject=f"Too few on call ahead: {rota.name}",
            body="\n".join(lines),
            url=f"/rotas/coverage/?rota={rota.slug}",
            about_kind="rota",
            about_ref=rota.slug,
        ),
        [owner],
        now=now,
    )


def moment(at: datetime, zone: str) -> str:
    """An instant in words on a zone's clock: "Wed 25 Nov 12:00 EAT"."""
    local = to_local(at, zone)
    return f"{local:%a} {local.day} {local:%b %H:%M} {zone_letters(zone, at)}"
