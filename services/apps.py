from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ServicesConfig(AppConfig):
    name = "services"

    def ready(self) -> None:
        """Apps that know how a service is say so in their `health.py`."""
        autodiscover_modules("health")
        # Models are there only now.
        from services.health import register  # noqa: PLC0415
        from services.queries.maintenance import under_way  # noqa: PLC0415

        register("maintenance", under_way)
