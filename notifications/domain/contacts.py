"""A person's further addresses: adding, testing, removing. Verifying is next door."""

import base64
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.audit import record
from accounts.models import User
from core.crypto import digest, seal
from core.errors import IllegalState, Invalid, NotAllowed
from core.types import Actor
from notifications import rules
from notifications.channels.addresses import BadAddressError, check
from notifications.choices import Channel, ContactState, Urgency, contact_kind_choices
from notifications.domain.gathering import ALONE
from notifications.domain.outbox import cancel_about, leave
from notifications.domain.routes import Route
from notifications.models import ContactPoint, Message
from notifications.types import Announcement

MOST = 12
ABOUT = "contact_point"
TEST_KIND = "contact.test"


def add(
    user: User, kind: str, address: str, *, name: str = "", actor: Actor, now: datetime
) -> tuple[ContactPoint, str]:
    """Keep a further address, not verified yet. Returns it and, for a webhook, its signing secret, seen only now.

    Raises NotAllowed for a service account, Invalid for an address that can't be used, is there already, or is
    one too many.
    """
    if not rules.can_have_contacts(user):
        raise NotAllowed(_("A service account has an inbox and nothing else."))
    if kind not in {value for value, _label in contact_kind_choices()}:
        raise Invalid(_("Choose what kind of address it is."), fields={"kind": _("unknown")})
    try:
        checked = check(kind, address)
    except BadAddressError as error:
        raise Invalid(str(error), fields={"address": str(error)}) from error
    key = new_secret() if kind == Channel.WEBHOOK else ""
    with transaction.atomic():
        # one edit at a time: two tabs of one person don't pass the limit together
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        mine = ContactPoint.objects.filter(user=user)
        same = digest(f"{kind}:{checked.address}")
        if mine.filter(kind=kind, address_digest=same).exists() or checked.address == user.email.lower():
            raise Invalid(_("You have that address already."), fields={"address": _("there already")})
        if mine.count() >= MOST:
            raise Invalid(_("At most %(n)s addresses. Remove one first.") % {"n": MOST}, code="too_many")
        point = ContactPoint.objects.create(
            user=user,
            kind=kind,
            name=" ".join(name.split())[:60],
            address_sealed=seal(checked.address),
            address_digest=same,
            hint=checked.hint[:120],
            secret_sealed=seal(key) if key else "",
            state_at=now,
            created_at=now,
        )
        tell("add", point, actor=actor, now=now)
    return point, key


def new_secret() -> str:
    """A signing secret in the form that Standard Webhooks libraries take."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def remove(point: ContactPoint, *, actor: Actor, now: datetime) -> None:
    """Forget it. Rules that pointed at it go along, what waits for it takes the next route."""
    with transaction.atomic():
        # messages before contact point, as everywhere; oldest first, as everywhere
        waiting = Message.objects.select_for_update(no_key=True).filter(contact=point).order_by("pk")
        list(waiting.values_list("pk", flat=True))
        cancel_about(ABOUT, str(point.pk), now=now, reason="The contact point was removed.")
        tell("remove", point, actor=actor, now=now)
        point.delete()


def send_test(point: ContactPoint, *, actor: Actor, now: datetime) -> Message:
    """Send a message that says it is a test. Raises IllegalState for a point that no call would go to."""
    if point.state != ContactState.VERIFIED or point.is_own_email:
        raise IllegalState(_("Verify it first: nothing is sent to an address that is not verified."))
    with transaction.atomic():
        tell("test", point, actor=actor, now=now)
        [message] = leave(
            Announcement(
                key=f"contact:{point.pk}:test:{now.isoformat()}",
                kind=TEST_KIND,
                urgency=Urgency.URGENT,
                subject=_("A test from Mainstay"),
                body=_("If you can read this, calls reach you here. Nothing else has happened."),
                url="/messages/contacts/",
                about_kind=ABOUT,
                about_ref=str(point.pk),
                data={ALONE: "test"},
            ),
            [(point.user, Route(point.kind, contact=point.pk))],
            now=now,
        )
    return message


def tell(verb: str, point: ContactPoint, *, actor: Actor, now: datetime, **detail: Any) -> None:
    """Write a verb on a contact point to the audit trail: never its address."""
    record(
        f"contact_point.{verb}",
        actor=actor,
        now=now,
        subject_kind=ABOUT,
        subject_id=point.pk,
        subject_name=str(point),
        detail={"user": point.user_id, **detail},
    )
