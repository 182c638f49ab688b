"""What a signed link in a message may do to drills: answer."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actions import Done, Sight, register
from core.errors import Refused
from core.types import Actor, Words
from rotas.choices import DrillState
from rotas.domain.drills import ACKNOWLEDGE_BY_LINK, acknowledge_drill
from rotas.models import FireDrill
from rotas.rules import can_be_on_call


class AnswerDrill:
    """See core.actions.Action."""

    label: Words = gettext_lazy("Answer the drill")
    offer: Words = gettext_lazy("Answer without signing in")

    def may(self, user: Any) -> bool:
        return can_be_on_call(user)

    def look(self, ref: str, *, user: Any, now: datetime) -> Sight | None:
        drill = _drill(ref)
        return _sight(drill) if drill else None

    def do(self, ref: str, *, actor: Actor, now: datetime) -> Done | None:
        drill = _drill(ref)
        if drill is None:
            return None
        try:
            drill = acknowledge_drill(drill, actor.user, now=now, via=actor.via)
        except Refused as error:
            drill.refresh_from_db()
            return Done(False, error.message, _sight(drill))
        return Done(True, _("You answered. Nothing is broken: thank you."), _sight(drill))


def _drill(ref: str) -> FireDrill | None:
    key = ref.removeprefix("DRL-")
    if not key.isdigit() or len(key) > 18:
        return None
    return FireDrill.objects.select_related("service").filter(pk=int(key)).first()


def _sight(drill: FireDrill) -> Sight:
    return Sight(
        ref=drill.ref,
        title=_("Fire drill of %(service)s") % {"service": drill.service.name},
        url=f"/rotas/drills/{drill.pk}/",
        severity=drill.severity,
        standing=_("It waits for an answer.")
        if drill.state == DrillState.RUNNING
        else str(drill.get_state_display()),
        is_open_to_do=drill.state == DrillState.RUNNING,
    )


register(ACKNOWLEDGE_BY_LINK, AnswerDrill())
