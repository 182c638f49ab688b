from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    """The wiring, installed so that it may carry commands that span apps (demo, check_cases)."""

    name = "config"

    def ready(self) -> None:
        """Make every engine known in every process: the web's pages and probes ask which of them are late."""
        autodiscover_modules("tasks")
