"""Choices of imports."""

from django.db.models import TextChoices


class ImportState(TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    INTERRUPTED = "interrupted", "Interrupted"
    FAILED = "failed", "Failed"


class ImportKind(TextChoices):
    EVENT_LOG = "event_log", "Event log"
    CSV = "csv", "CSV"


def import_state_choices() -> list[tuple[str, str]]:
    return list(ImportState.choices)


def import_kind_choices() -> list[tuple[str, str]]:
    return list(ImportKind.choices)
