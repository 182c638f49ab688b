from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from core.moments import read_instants_fast


class CoreConfig(AppConfig):
    """The toolkit. It also opens the registries that higher apps fill, as admin.py does."""

    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        read_instants_fast()
        autodiscover_modules("nav", "actions")
