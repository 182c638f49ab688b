import core.validators
import django.core.validators
import django.db.models.deletion
import services.choices
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('services', '0007_default_operating_model'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Objective',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Its name in alerts, addresses and OpenSLO', max_length=63, unique=True)),
                ('name', models.CharField(help_text='What is promised, such as “Answers within 300 ms”', max_length=120)),
                ('description', models.CharField(blank=True, max_length=1000)),
                ('indicator', models.CharField(choices=services.choices.indicator_choices, default='events', max_length=12)),
                ('unit', models.CharField(blank=True, help_text='Of events (requests) or measured values (ms)', max_length=20)),
                ('direction', models.CharField(blank=True, choices=services.choices.direction_choices, max_length=8)),
                ('threshold', models.FloatField(blank=True, help_text='Measured values on the right side of it are good', null=True)),
                ('target', models.DecimalField(decimal_places=3, help_text='Percent that shall be good, such as 99.9', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0.001')), django.core.validators.MaxValueValidator(Decimal('99.999'))])),
                ('window', models.CharField(choices=services.choices.budget_window_choices, default='rolling_28d', max_length=16)),
                ('zone', models.CharField(default='UTC', help_text='Whose months and days', max_length=64, validators=[core.validators.validate_zone])),
                ('at_risk_percent', models.PositiveSmallIntegerField(default=75, help_text='At risk once so much of the budget is spent', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(99)])),
                ('policy', models.TextField(blank=True, help_text='What happens when the budget is at risk, and when it is exhausted', max_length=4000)),
                ('excludes_maintenance', models.BooleanField(default=True, help_text='Planned maintenance does not count (time up only)')),
                ('burn_alerts', models.BooleanField(default=True, help_text='Whether spending it fast raises alerts')),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('state', models.CharField(choices=services.choices.budget_state_choices, default='no_data', editable=False, max_length=10)),
                ('spent_permille', models.BigIntegerField(default=-1, editable=False, help_text='Of the budget; -1 where nothing was counted')),
                ('stood_at', models.DateTimeField(editable=False, null=True)),
                ('model', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='objectives', to='services.mlmodel', verbose_name='ML model')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objectives', to='services.service')),
            ],
            options={
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='IndicatorBucket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('good', models.BigIntegerField(default=0)),
                ('total', models.BigIntegerField(default=0)),
                ('objective', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='buckets', to='services.objective')),
            ],
            options={
                'ordering': ['objective', 'starts_at'],
            },
        ),
        migrations.CreateModel(
            name='ObjectiveBurn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rung', models.CharField(max_length=4)),
                ('is_firing', models.BooleanField(default=False)),
                ('since', models.DateTimeField(help_text='Since when it is as it is', null=True)),
                ('episodes', models.PositiveIntegerField(default=0)),
                ('integration_id', models.BigIntegerField(null=True)),
                ('next_at', models.DateTimeField(help_text='When it is looked at again; empty: never', null=True)),
                ('objective', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='burns', to='services.objective')),
            ],
            options={
                'ordering': ['objective', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ImpactWindow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident_id', models.BigIntegerField(blank=True, help_text='Empty: said without an incident', null=True)),
                ('incident_ref', models.CharField(blank=True, max_length=24)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, help_text='Empty: it goes on', null=True)),
                ('effect', models.CharField(choices=services.choices.effect_choices, default='down', max_length=10)),
                ('share', models.DecimalField(decimal_places=2, default=Decimal('100'), help_text='Percent of requests or users that fail; 100 while it is down', max_digits=5)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('service', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='impacts', to='services.service')),
            ],
            options={
                'ordering': ['-starts_at', '-pk'],
                'indexes': [models.Index(fields=['service', '-starts_at', '-id'], name='impact_by_service'), models.Index(condition=models.Q(('incident_id__isnull', False)), fields=['incident_id'], name='impact_by_incident'), models.Index(condition=models.Q(('ends_at__isnull', True)), fields=['service'], name='impact_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='impact_ends_later'), models.CheckConstraint(condition=models.Q(('share__gt', 0), ('share__lte', 100), models.Q(('effect', 'degraded'), models.Q(('effect', 'down'), ('share', 100)), _connector='OR')), name='impact_share_range')],
            },
        ),
        migrations.CreateModel(
            name='MaintenanceWindow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('announced', models.BooleanField(default=False, help_text='The clients know of it')),
                ('announced_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True, max_length=2000)),
                ('created_at', models.DateTimeField()),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('services', models.ManyToManyField(related_name='maintenance', to='services.service')),
            ],
            options={
                'ordering': ['-starts_at', '-pk'],
                'indexes': [models.Index(fields=['-starts_at', '-id'], name='maintenance_newest'), models.Index(condition=models.Q(('cancelled_at__isnull', True)), fields=['ends_at'], name='maintenance_standing')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='maintenance_ends_later')],
            },
        ),
        migrations.AddIndex(
            model_name='objective',
            index=models.Index(fields=['service', 'is_active'], name='objective_by_service'),
        ),
        migrations.AddIndex(
            model_name='objective',
            index=models.Index(fields=['-spent_permille', 'id'], name='objective_worst'),
        ),
        migrations.AddConstraint(
            model_name='objective',
            constraint=models.CheckConstraint(condition=models.Q(('target__gte', Decimal('0.001')), ('target__lte', Decimal('99.999'))), name='objective_target_range'),
        ),
        migrations.AddConstraint(
            model_name='objective',
            constraint=models.CheckConstraint(condition=models.Q(('at_risk_percent__gte', 1), ('at_risk_percent__lte', 99)), name='objective_at_risk_range'),
        ),
        migrations.AddConstraint(
            model_name='objective',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('direction__in', ['at_most', 'at_least']), ('indicator', 'samples'), ('threshold__isnull', False)), models.Q(models.Q(('indicator', 'samples'), _negated=True), ('direction', ''), ('threshold__isnull', True)), _connector='OR'), name='objective_threshold_for_samples'),
        ),
        migrations.AddIndex(
            model_name='indicatorbucket',
            index=models.Index(fields=['starts_at'], name='bucket_age'),
        ),
        migrations.AddConstraint(
            model_name='indicatorbucket',
            constraint=models.UniqueConstraint(fields=('objective', 'starts_at'), include=('good', 'total'), name='bucket_once'),
        ),
        migrations.AddConstraint(
            model_name='indicatorbucket',
            constraint=models.CheckConstraint(condition=models.Q(('good__gte', 0), ('good__lte', models.F('total'))), name='bucket_good_of_total'),
        ),
        migrations.AddIndex(
            model_name='objectiveburn',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='burn_due'),
        ),
        migrations.AddConstraint(
            model_name='objectiveburn',
            constraint=models.UniqueConstraint(fields=('objective', 'rung'), name='burn_once'),
        ),
    ]
