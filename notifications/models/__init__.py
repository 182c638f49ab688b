from notifications.models.attempt import DeliveryAttempt
from notifications.models.message import Message
from notifications.models.rule import PersonalRule

__all__ = ["DeliveryAttempt", "Message", "PersonalRule"]
