from datetime import UTC, datetime, timedelta

from django.db import migrations

from core import slices

ATTEMPTS = slices.Sliced("notifications_deliveryattempt", key="at", days=30)


def partition(apps, schema_editor):
    now = datetime.now(UTC)
    slices.partition(ATTEMPTS)
    slices.ensure(ATTEMPTS, now, now + timedelta(days=30))


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0003_contact_points'),
    ]

    operations = [
        migrations.RunPython(partition),
    ]
