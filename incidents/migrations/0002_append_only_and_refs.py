from django.db import migrations

from core.append_only import append_only


class Migration(migrations.Migration):
    """The timeline is append-only; references start at INC-1001."""

    dependencies = [("incidents", "0001_initial")]
    operations = [
        append_only("incidents_entry"),
        migrations.RunSQL(
            "SELECT setval(pg_get_serial_sequence('incidents_incident', 'id'), 1000)", migrations.RunSQL.noop
        ),
    ]
