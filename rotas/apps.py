from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RotasConfig(AppConfig):
    name = "rotas"

    def ready(self) -> None:
        """Apps that have something to call people about say so in their `escalation.py`, what a shift passes to the next
        in their `handover.py`."""
        autodiscover_modules("escalation", "handover")
