"""Signed links that do one thing for one person without a sign-in: acknowledge from the phone at 3 a.m.

The link is its own credential: action, subject, person, message and time under one signature. Nothing is
stored, so nothing can leak from the database; what it may do is asked again each time it is used.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils.http import base36_to_int, int_to_base36
from django.utils.translation import gettext as _

from accounts.domain import throttle
from accounts.domain.audit import record
from accounts.models import User
from core.actions import Action, Done, Sight, action_of
from core.errors import NotAllowed, Refused
from core.types import person

# The key is derived from SECRET_KEY (and its fallbacks) and this: no other signature of the portal fits here.
SALT = "mainstay.action-link"
_PART = re.compile(r"[A-Za-z0-9._-]{1,60}")


@dataclass(frozen=True, slots=True)
class ActionLink:
    """What a link says: `action` on the subject `ref`, by the person `user_id`, since `made_at` (UTC, whole
    seconds). `message_id` is the message it stands in, for the audit trail."""

    action: str
    ref: str
    user_id: int
    message_id: int
    made_at: datetime

    @property
    def ends_at(self) -> datetime:
        """From when on it does nothing any more."""
        return self.made_at + life()


class Dead(Refused):
    """The link does nothing (any more): unknown (404), too old or its account closed (410), too many wrong
    ones from this address (429). `extra["ref"]` names the subject where the link was once genuine."""

    def __init__(self, message: str, *, status: int, code: str, ref: str = "") -> None:
        super().__init__(message, code=code, extra={"ref": ref})
        self.status = status


def life() -> timedelta:
    """How long a link works after its message was written."""
    return timedelta(hours=max(1, int(settings.MAINSTAY_ACTION_LINK_HOURS)))


def token_of(link: ActionLink) -> str:
    """The link's secret part. Raises ValueError for names that don't fit into one."""
    if not (_PART.fullmatch(link.action) and _PART.fullmatch(link.ref)):
        raise ValueError(f"{link.action} {link.ref} can't stand in a link.")
    return _signer().sign(_pack(link))


def path_of(link: ActionLink) -> str:
    """The link as a path within the portal. Raises ValueError as `token_of` does."""
    return reverse("accounts:action", kwargs={"token": token_of(link)})


def read(token: str, *, address: str | None, now: datetime) -> ActionLink:
    """What a link says. Raises Dead where nobody signed it, or it is too old.

    Wrong ones are counted by address, so that a machine that tries them is told to stop; a right one is
    never refused for what others did.
    """
    try:
        link = _unpack(_signer().unsign(token))
    except (BadSignature, ValueError, OverflowError) as error:
        if throttle.wrong_link(address, now=now):
            raise Dead(
                _("Too many wrong links came from your address. Try again later."), status=429, code="locked"
            ) from error
        raise Dead(
            _("Nobody made this link. Perhaps it was cut in two."), status=404, code="forged"
        ) from error
    if now >= link.ends_at:
        raise Dead(_("This link is too old."), status=410, code="expired", ref=link.ref)
    return link


def look(link: ActionLink, *, now: datetime) -> tuple[User, Action, Sight]:
    """Whose link it is, what it does and how the subject stands; changes nothing.

    Raises Dead, and NotAllowed where the person's role may not do it (any more).
    """
    user, action = _holder(link)
    sight = action.look(link.ref, user=user, now=now)
    if sight is None:
        raise _unseen()
    return user, action, sight


def use(link: ActionLink, *, address: str | None, now: datetime) -> tuple[User, Action, Done]:
    """Do what the link says, as its person. Doing it twice, or after somebody else, changes nothing.

    Raises as `look` does.
    """
    with transaction.atomic():
        user, action = _holder(link)
        actor = person(user, address=address, via="link")
        done = action.do(link.ref, actor=actor, now=now)
        if done is None:
            raise _unseen()
        record(
            link.action,
            actor=actor,
            now=now,
            subject_kind=link.action.partition(".")[0],
            subject_id=link.ref,
            subject_name=done.sight.title,
            detail={"message": link.message_id, "changed": done.did},
        )
    return user, action, done


def _holder(link: ActionLink) -> tuple[User, Action]:
    """The person, as they are today, and the action. A closed account closes its links."""
    user = User.objects.select_related("site").filter(pk=link.user_id, is_active=True).first()
    if user is None:
        raise Dead(_("The account of this link is closed."), status=410, code="closed")
    action = action_of(link.action)
    if action is None:
        raise Dead(_("Mainstay no longer knows what this link does."), status=410, code="unknown")
    if not action.may(user):
        raise NotAllowed(_("Your role may not do this any more."), extra={"ref": link.ref})
    return user, action


def _unseen() -> Dead:
    return Dead(_("There is nothing here that you may see."), status=404, code="unseen")


def _signer() -> Signer:
    # "~", "." and the signature's own letters are plain in a URL: no mail program bends or cuts the link
    return Signer(sep=".", salt=SALT)


def _pack(link: ActionLink) -> str:
    made = int_to_base36(int(link.made_at.timestamp()))
    return "~".join([link.action, link.ref, str(link.user_id), str(link.message_id), made])


def _unpack(text: str) -> ActionLink:
    action, ref, user_id, message_id, made = text.split("~")
    made_at = datetime.fromtimestamp(base36_to_int(made), tz=UTC)
    return ActionLink(action, ref, int(user_id), int(message_id), made_at)
