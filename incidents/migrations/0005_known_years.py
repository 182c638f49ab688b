from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import F, Q

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2150, 1, 1, tzinfo=UTC)


def mend(apps, schema_editor):
    """What began or was detected in a year that nobody can read, did so when the record was opened."""
    incidents = apps.get_model("incidents", "Incident").objects
    for name in ("started_at", "detected_at"):
        known = Q(**{f"{name}__gte": EARLIEST, f"{name}__lt": LATEST})
        incidents.exclude(known).update(**{name: F("opened_at")})


class Migration(migrations.Migration):
    """Times of incidents stay in years that PostgreSQL, Python and every zone can show."""

    dependencies = [("incidents", "0004_at_size"), ("services", "0002_known_years")]
    operations = [
        migrations.RunPython(mend, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=Q(("started_at__gte", EARLIEST), ("started_at__lt", LATEST)),
                name="incident_started_in_known_years",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=Q(("detected_at__gte", EARLIEST), ("detected_at__lt", LATEST)),
                name="incident_detected_in_known_years",
            ),
        ),
    ]
