from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Q

import core.validators

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2150, 1, 1, tzinfo=UTC)


def mend(apps, schema_editor):
    """A version trained in a year that nobody can read: when it was, is not known."""
    versions = apps.get_model("services", "ModelVersion").objects.filter(trained_at__isnull=False)
    known = Q(trained_at__gte=EARLIEST, trained_at__lt=LATEST)
    versions.exclude(known).update(trained_at=None)


class Migration(migrations.Migration):
    """Times of model versions stay in years that PostgreSQL, Python and every zone can show."""

    dependencies = [("services", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="modelversion",
            name="trained_at",
            field=models.DateTimeField(blank=True, null=True, validators=[core.validators.validate_past]),
        ),
        migrations.RunPython(mend, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.CheckConstraint(
                condition=Q(("trained_at__gte", EARLIEST), ("trained_at__lt", LATEST)),
                name="version_trained_in_known_years",
            ),
        ),
    ]
