"""Proving that a contact point is its owner's: a code goes through that very point and comes back."""

import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.crypto import seal
from core.errors import IllegalState, Invalid
from core.types import Actor
from notifications.choices import ContactState, Urgency
from notifications.domain.contacts import ABOUT, tell
from notifications.domain.gathering import ALONE
from notifications.domain.outbox import cancel_about, leave
from notifications.domain.outgoing import CODE, HIDDEN
from notifications.domain.routes import Route
from notifications.models import ContactPoint, Message
from notifications.types import Announcement

CODE_KIND = "contact.code"
LIFE = timedelta(minutes=15)
PAUSE = timedelta(seconds=60)
TRIES = 5
# Codes a person may have sent in an hour, whatever to: nobody's address is flooded from here.
AN_HOUR = 10


def send_code(point: ContactPoint, *, actor: Actor, now: datetime) -> Message:
    """Send a fresh code through the point itself; an earlier one counts no more.

    Raises IllegalState for one that is verified, or where a code was sent less than a minute ago or too many
    within the hour.
    """
    with transaction.atomic():
        point = ContactPoint.objects.select_for_update(no_key=True).select_related("user").get(pk=point.pk)
        _may_send(point, now)
        cancel_about(ABOUT, str(point.pk), kinds=(CODE_KIND,), now=now, reason="A newer code was asked for.")
        code = f"{secrets.randbelow(1_000_000):06d}"
        point.code_digest, point.code_sent_at, point.code_tries = _digest(point, code), now, 0
        point.save(update_fields=["code_digest", "code_sent_at", "code_tries"])
        tell("code", point, actor=actor, now=now)
        body = [
            _("Your code is %(code)s.") % {"code": HIDDEN},
            _("Enter it on your page within 15 minutes, and calls may reach you here."),
            _("If you did not ask for it, somebody mistyped an address: do nothing."),
        ]
        [message] = leave(
            Announcement(
                key=f"contact:{point.pk}:code:{now.isoformat()}",
                kind=CODE_KIND,
                urgency=Urgency.URGENT,
                subject=_("Your code for Mainstay"),
                body="\n".join(body),
                about_kind=ABOUT,
                about_ref=str(point.pk),
                data={ALONE: "code", CODE: seal(code)},
            ),
            [(point.user, Route(point.kind, contact=point.pk))],
            now=now,
        )
    return message


def verify(point: ContactPoint, code: str, *, actor: Actor, now: datetime) -> ContactPoint:
    """The code came back: calls may go there. Also how a point that was switched off comes back.

    Raises Invalid for a wrong code (five tries a code), IllegalState where none is waiting or it has expired.
    """
    with transaction.atomic():
        point = ContactPoint.objects.select_for_update(no_key=True).get(pk=point.pk)
        if point.state == ContactState.VERIFIED:
            return point
        if not code_waits(point, now):
            raise IllegalState(_("No code is waiting, or it has expired. Send a new one."), code="no_code")
        right = hmac.compare_digest(point.code_digest, _digest(point, "".join(code.split())))
        if right:
            point.state, point.reason, point.state_at, point.code_digest = ContactState.VERIFIED, "", now, ""
            tell("verify", point, actor=actor, now=now)
        else:
            point.code_tries += 1
            if point.code_tries >= TRIES:
                point.code_digest = ""
                tell("code_void", point, actor=actor, now=now, tries=point.code_tries)
        point.save(update_fields=["state", "reason", "state_at", "code_digest", "code_tries"])
    # outside, so that a refusal doesn't undo the count
    if not right:
        raise Invalid(_wrong(TRIES - point.code_tries), code="wrong_code", fields={"code": _("wrong")})
    return point


def code_waits(point: ContactPoint, now: datetime) -> bool:
    """Whether a code is out that still counts."""
    return bool(point.code_digest and point.code_sent_at and now < point.code_sent_at + LIFE)


def _may_send(point: ContactPoint, now: datetime) -> None:
    if point.state == ContactState.VERIFIED:
        raise IllegalState(_("It is verified already."), code="verified")
    if point.code_sent_at and now < point.code_sent_at + PAUSE:
        raise IllegalState(_("A code was sent less than a minute ago. Give it a moment."), code="too_soon")
    lately = Message.objects.filter(
        recipient=point.user_id, kind=CODE_KIND, created_at__gt=now - timedelta(hours=1)
    )
    if lately.count() >= AN_HOUR:
        raise IllegalState(_("Too many codes within an hour. Try again later."), code="too_many")


def _digest(point: ContactPoint, code: str) -> str:
    """Keyed, so that six digits can't be guessed from the database."""
    return salted_hmac("notifications.contact.code", f"{point.pk}:{code}", algorithm="sha256").hexdigest()


def _wrong(left: int) -> str:
    if left <= 0:
        return _("That was not the code either. Send a new one.")
    return ngettext(
        "That is not the code. %(n)s try is left.", "That is not the code. %(n)s tries are left.", left
    ) % {"n": left}
