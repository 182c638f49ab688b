from datetime import UTC, datetime

from django.db import migrations

# From before anything that an incident of before was counted by.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def move(apps, schema_editor):
    """What each agreement said so far is its first version, in force since ever."""
    version_of = apps.get_model("services", "AgreementVersion").objects
    targets = apps.get_model("services", "AgreementTarget").objects
    for agreement in apps.get_model("services", "Agreement").objects.all():
        first = version_of.create(
            agreement=agreement,
            number=1,
            state="published",
            valid_from=BEGINNING,
            calendar_id=agreement.calendar_id,
            warn_percent=agreement.warn_percent,
            note="The terms so far",
        )
        own = targets.filter(agreement=agreement)
        own.update(version=first, is_pausable=True)
        if not agreement.pausable_acknowledge:
            own.filter(kind="acknowledge").update(is_pausable=False)


class Migration(migrations.Migration):
    dependencies = [("services", "0003_agreement_versions")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop, elidable=True)]
