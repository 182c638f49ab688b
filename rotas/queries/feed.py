"""What a calendar address shows: the cover that is written down, sixty days back to a hundred and twenty ahead."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import User
from rotas.choices import ShadowKind
from rotas.domain.ical import Duty
from rotas.domain.telling import what_training_means
from rotas.models import Cover, Feed, Rota, Shadow
from rotas.queries.shadows import shadows_of

BACK: Final = timedelta(days=60)
AHEAD: Final = timedelta(days=120)


def name_of(feed: Feed) -> str:
    """What the calendar is called in the program that shows it."""
    return feed.rota.name if feed.rota else _("On call: %(name)s") % {"name": feed.user.name}


def duties_of(feed: Feed, now: datetime) -> list[Duty]:
    """The feed's duties in order: its person's own (in training too), or everybody's of its rota. One query, or two.

    The window begins and ends at midnight UTC, and what reaches over its end is cut there, so that a calendar changes by
    itself once a day at most. Stretches are taken as they are written, not joined: their starts are what they are known by.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = today - BACK, today + AHEAD
    if feed.rota is not None:
        rows = Cover.objects.filter(rota=feed.rota, ends_at__gt=start, starts_at__lt=end)
        found = list(rows.select_related("user", "rota").order_by("starts_at", "place"))
        return _duties(found, found, None, today, end)
    mine = Cover.objects.filter(user=feed.user, rota=OuterRef("rota"), starts_at=OuterRef("starts_at"))
    rows = Cover.objects.filter(Exists(mine), ends_at__gt=start, starts_at__lt=end)
    together = list(rows.select_related("user", "rota").order_by("starts_at", "rota", "place"))
    own = [row for row in together if row.user_id == feed.user_id]
    training = [_training(row, today, end, now) for row in shadows_of(feed.user, start, end)]
    shifts = _duties(own, together, feed.user, today, end)
    return sorted([*shifts, *training], key=lambda duty: (duty.start, duty.rota, duty.beside))


def _duties(
    rows: Iterable[Cover], around: Iterable[Cover], owner: User | None, today: datetime, end: datetime
) -> list[Duty]:
    together: dict[tuple[int, datetime], list[User]] = {}
    for row in around:
        if row.user is not None:
            together.setdefault((row.rota_id, row.starts_at), []).append(row.user)
    return [
        Duty(
            rota=row.rota.slug,
            person=row.user_id,
            start=row.starts_at,
            end=min(row.ends_at, end),
            title=_title(row.rota, None if owner else row.user),
            detail=_detail(
                row,
                [each for each in together.get((row.rota_id, row.starts_at), ()) if each.pk != row.user_id],
            ),
            url=f"{settings.MAINSTAY_PUBLIC_URL}/rotas/{row.rota.slug}/",
            # the end of what is cut moves on every midnight
            changed_at=row.derived_at if row.ends_at <= end else today,
        )
        for row in rows
        if row.user_id is not None
    ]


def _training(row: Shadow, today: datetime, end: datetime, now: datetime) -> Duty:
    """Somebody's time in training, which says in its title that it is no cover."""
    words = _("Reverse shadow: %(rota)s") if row.kind == ShadowKind.REVERSE else _("Shadow: %(rota)s")
    changed = row.created_at
    if row.ends_at <= now:
        # it may have been ended early
        changed = row.ends_at
    elif row.ends_at > end:
        changed = today
    return Duty(
        rota=row.rota.slug,
        person=row.user_id,
        start=row.starts_at,
        end=min(row.ends_at, end),
        title=words % {"rota": row.rota.name},
        detail=what_training_means(row.kind),
        url=f"{settings.MAINSTAY_PUBLIC_URL}/rotas/{row.rota.slug}/",
        changed_at=changed,
        beside=True,
    )


def _title(rota: Rota, user: User | None) -> str:
    if user is None:
        return _("On call: %(rota)s") % {"rota": rota.name}
    return _("%(name)s on call: %(rota)s") % {"name": user.name, "rota": rota.name}


def _detail(row: Cover, others: list[User]) -> str:
    lines = [f"{row.why[:1].upper()}{row.why[1:]}."] if row.why else []
    if others:
        lines.append(_("With %(names)s.") % {"names": ", ".join(each.name for each in others)})
    return "\n".join(lines)
