from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists keep their speed at a million rows: incidents by source; alerts that are not over, and alerts by words.

    The last two are indexes of a lower room's table; they stand here so that all come with one release.
    """

    dependencies = [("incidents", "0003_matrix"), ("monitoring", "0002_storms")]
    operations = [
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["source", "-opened_at", "-id"], name="incident_by_source"),
        ),
        migrations.RunSQL(
            "CREATE INDEX alert_open ON monitoring_alert (last_seen_at DESC, id DESC) WHERE NOT status = 'resolved'",
            "DROP INDEX alert_open",
        ),
        # As `monitoring.filters` asks: SearchVector("title", config="simple").
        migrations.RunSQL(
            "CREATE INDEX alert_words ON monitoring_alert USING gin "
            "(to_tsvector('simple'::regconfig, COALESCE(title, '')))",
            "DROP INDEX alert_words",
        ),
    ]
