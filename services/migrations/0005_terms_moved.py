import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """An agreement says who promises what to whom; its terms are those of its versions."""

    dependencies = [("services", "0004_terms_into_versions")]

    operations = [
        migrations.RemoveField(
            model_name='agreement',
            name='calendar',
        ),
        migrations.RemoveField(
            model_name='agreement',
            name='pausable_acknowledge',
        ),
        migrations.RemoveField(
            model_name='agreement',
            name='warn_percent',
        ),
        migrations.RemoveField(
            model_name='agreementtarget',
            name='agreement',
        ),
        migrations.AlterField(
            model_name="agreementtarget",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="targets",
                to="services.agreementversion",
            ),
        ),
    ]
