from notifications.models.attempt import DeliveryAttempt
from notifications.models.contact import ContactPoint
from notifications.models.message import Message
from notifications.models.muted import MutedKind
from notifications.models.rule import PersonalRule

__all__ = ["ContactPoint", "DeliveryAttempt", "Message", "MutedKind", "PersonalRule"]
