from datetime import UTC, datetime, timedelta

from django.db import migrations, models

from core import slices

POSTS = slices.Sliced("monitoring_rawdelivery", key="expires_at", days=7)
READINGS = slices.Sliced("monitoring_alertoccurrence", key="expires_at", days=7)
# the default of MAINSTAY_RAW_DAYS and a week; housekeeping makes more where more is wanted
AHEAD = timedelta(days=37)


def keep_ids(apps, schema_editor):
    schema_editor.execute(
        "INSERT INTO monitoring_deliveryid (integration_id, delivery_id, raw_id, expires_at) "
        "SELECT integration_id, delivery_id, id, expires_at FROM monitoring_rawdelivery WHERE delivery_id <> ''"
    )


def expire_by_minute(apps, schema_editor):
    # what a storm's minute holds is one row, found by its expiry too: that has to follow from the minute
    schema_editor.execute(
        "UPDATE monitoring_alertoccurrence SET expires_at = minute + (expires_at - at) WHERE minute IS NOT NULL"
    )


def partition(apps, schema_editor):
    now = datetime.now(UTC)
    for sliced in (POSTS, READINGS):
        slices.partition(sliced)
        slices.ensure(sliced, now, now + AHEAD)


class Migration(migrations.Migration):

    dependencies = [
        ('monitoring', '0002_storms'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='rawdelivery', name='delivery_once'),
        migrations.RemoveConstraint(model_name='alertoccurrence', name='occurrence_once_a_minute'),
        migrations.CreateModel(
            name='DeliveryId',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('integration_id', models.BigIntegerField()),
                ('delivery_id', models.CharField(max_length=200)),
                ('raw_id', models.BigIntegerField(help_text='The post that came with it first')),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['expires_at'], name='delivery_id_expiry')],
                'constraints': [models.UniqueConstraint(fields=('integration_id', 'delivery_id'), name='delivery_once')],
            },
        ),
        migrations.RunPython(keep_ids),
        migrations.RunPython(expire_by_minute),
        migrations.RunPython(partition),
        migrations.AddConstraint(
            model_name='alertoccurrence',
            constraint=models.UniqueConstraint(
                condition=models.Q(('minute__isnull', False)),
                fields=('alert_id', 'minute', 'expires_at'),
                name='occurrence_once_a_minute',
            ),
        ),
    ]
