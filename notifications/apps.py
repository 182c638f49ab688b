from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """The engine is known to every process, not only to workers: pages and probes ask for its beat."""
        import_module("notifications.tasks")
        autodiscover_modules("told")
