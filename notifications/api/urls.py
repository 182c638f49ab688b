"""What `/api/v1/` takes from this room."""

from rest_framework.routers import BaseRouter

from notifications.api.contacts import ContactPointViewSet
from notifications.api.viewsets import MessageViewSet, OutboxViewSet


def register(router: BaseRouter) -> None:
    """The resources."""
    router.register("messages", MessageViewSet, basename="message")
    router.register("contact-points", ContactPointViewSet, basename="contact-point")
    router.register("outbox", OutboxViewSet, basename="outbox")
