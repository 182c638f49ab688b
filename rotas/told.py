"""The kinds of messages of rotas that a person may do without."""

from django.utils.translation import gettext_lazy as _

from notifications import kinds
from rotas.domain import telling

kinds.register(
    telling.SHIFT_SOON, label=_("Shift begins soon"), meaning=_("An hour before you are on call."), order=10
)
kinds.register(
    telling.SHIFT_BEGINS, label=_("You are now on call"), meaning=_("When your shift begins."), order=11
)
kinds.register(
    telling.SWAP, label=_("Swaps"), meaning=_("A shift is offered to you, or what became of yours."), order=12
)
kinds.register(
    telling.HANDOVER, label=_("Hand-over waiting"), meaning=_("One to publish, or to accept."), order=13
)
kinds.register(
    telling.GAP, label=_("Gap ahead"), meaning=_("Too few people on a rota that you look after."), order=14
)
kinds.register(
    telling.SHADOW,
    label=_("In training"),
    meaning=_("You are entered as a shadow, and when you watch along."),
    order=16,
)
kinds.register(
    telling.LEAVE, label=_("Leave"), meaning=_("Somebody asks for leave, or yours is decided."), order=15
)
