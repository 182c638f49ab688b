from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ServicesConfig(AppConfig):
    name = "services"

    def ready(self) -> None:
        """Apps that know how a service is say so in their `health.py`, what it is held to in their `readiness.py`."""
        autodiscover_modules("health", "readiness")
        # Our own word on it; models are there only now.
        import_module("services.under_way")
