from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The wiring, installed so that it may carry commands that span apps (demo, check_cases)."""

    name = "config"
