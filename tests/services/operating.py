"""The default operating model for tests, whether or not another test has emptied the tables meanwhile."""

import pkgutil
from importlib import import_module

from django.apps import apps

from services import migrations
from services.models import Activity, PartyTerms, Responsibility


def defaults() -> None:
    """As a new installation has it, and nothing else."""
    for model in (Responsibility, PartyTerms, Activity):
        model.objects.all().delete()
    name = next(
        each.name
        for each in pkgutil.iter_modules(migrations.__path__)
        if each.name.endswith("default_operating_model")
    )
    import_module(f"services.migrations.{name}").fill(apps, None)


def activity(slug: str, letters: dict[str, str] | None = None, service=None, **fields) -> Activity:
    """An activity with these letters, for the service or the template."""
    values = {"name": slug.replace("-", " ").capitalize(), "group": "run", **fields}
    made, _ = Activity.objects.get_or_create(slug=slug, defaults=values)
    for party, letter in (letters or {}).items():
        Responsibility.objects.create(activity=made, party=party, letter=letter, service=service)
    return made
