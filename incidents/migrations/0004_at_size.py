from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists by source keep their speed at a million rows."""

    dependencies = [("incidents", "0003_matrix")]
    operations = [
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["source", "-opened_at", "-id"], name="incident_by_source"),
        ),
    ]
