import datetime
import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
import services.choices
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_append_only'),
        ('services', '0002_known_years'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AgreementScope',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.PositiveSmallIntegerField(blank=True, choices=services.choices.tier_choices, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='AgreementVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=services.choices.version_state_choices, default='draft', max_length=9)),
                ('valid_from', models.DateTimeField(blank=True, null=True)),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
                ('zone_source', models.CharField(choices=services.choices.zone_source_choices, default='calendar', help_text="In whose zone the calendar's hours are read", max_length=8)),
                ('warn_percent', models.PositiveSmallIntegerField(default=75, help_text='Warn whoever has it in hand when this much of the time is used')),
                ('on_reopen', models.CharField(choices=services.choices.on_reopen_choices, default='pause', help_text='What a reopened incident does to the promise to resolve it', max_length=8)),
                ('on_severity', models.CharField(choices=services.choices.on_severity_choices, default='keep', help_text='What another severity does to promises that count already', max_length=9)),
                ('excludes_maintenance', models.BooleanField(default=True, help_text="Announced maintenance doesn't count as downtime")),
                ('credits_text', models.TextField(blank=True, help_text='What is owed where a goal is missed')),
                ('note', models.CharField(blank=True, help_text='What this version changes, and why', max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('published_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'ordering': ['agreement', '-number'],
            },
        ),
        migrations.CreateModel(
            name='WarningRung',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(blank=True, choices=services.choices.promise_choices, help_text='Of which promise; empty: of each', max_length=12)),
                ('severity', models.CharField(blank=True, choices=services.choices.severity_choices, help_text='At which severity; empty: at each', max_length=4)),
                ('unit', models.CharField(choices=services.choices.rung_unit_choices, default='percent', max_length=7)),
                ('amount', models.PositiveIntegerField(validators=[django.core.validators.MaxValueValidator(576000)])),
                ('act', models.CharField(choices=services.choices.rung_act_choices, default='notify', max_length=8)),
                ('whom', models.CharField(choices=services.choices.rung_whom_choices, default='hands', max_length=5)),
                ('step', models.PositiveSmallIntegerField(blank=True, help_text="The policy's step to call; empty: the next one", null=True)),
            ],
            options={
                'ordering': ['unit', 'amount', 'pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='agreement',
            name='one_default_agreement',
        ),
        migrations.RemoveConstraint(
            model_name='agreement',
            name='warn_percent_range',
        ),
        migrations.RemoveConstraint(
            model_name='agreementtarget',
            name='target_once',
        ),
        migrations.AddField(
            model_name='agreement',
            name='client',
            field=models.ForeignKey(blank=True, help_text='The client it is made with, where it is one', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='services.client'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='kind',
            field=models.CharField(choices=services.choices.agreement_kind_choices, default='sla', max_length=3),
        ),
        migrations.AddField(
            model_name='agreement',
            name='provider',
            field=models.CharField(choices=services.choices.party_choices, default='l1', help_text='Who promises', max_length=14),
        ),
        migrations.AddField(
            model_name='agreement',
            name='provider_team',
            field=models.ForeignKey(blank=True, help_text='The team or partner that promises; empty: any of that party', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='receiver',
            field=models.CharField(choices=services.choices.party_choices, default='client', help_text='To whom', max_length=14),
        ),
        migrations.AddField(
            model_name='agreementtarget',
            name='at',
            field=models.TimeField(blank=True, help_text='The hour of the next business day; empty: when that day closes', null=True),
        ),
        migrations.AddField(
            model_name='agreementtarget',
            name='days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Business days, where it counts those', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(400)]),
        ),
        migrations.AddField(
            model_name='agreementtarget',
            name='goal_percent',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='How many of them a month are to be kept, in percent', max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)]),
        ),
        migrations.AddField(
            model_name='agreementtarget',
            name='is_pausable',
            field=models.BooleanField(default=True, help_text='A hold stops it'),
        ),
        migrations.AddField(
            model_name='agreementtarget',
            name='mode',
            field=models.CharField(choices=services.choices.target_mode_choices, default='business', max_length=13),
        ),
        migrations.AddField(
            model_name='agreementtarget',
            name='stops_for',
            field=models.JSONField(blank=True, default=list, help_text='Only while it waits for one of these parties; empty: for any'),
        ),
        migrations.AddField(
            model_name='agreementtarget',
            name='stops_with',
            field=models.JSONField(blank=True, default=list, help_text='It also stands still while one of these parties has the work'),
        ),
        migrations.AlterField(
            model_name='agreement',
            name='is_default',
            field=models.BooleanField(default=False, help_text='For services that no other agreement of its kind and provider covers'),
        ),
        migrations.AlterField(
            model_name='agreementtarget',
            name='minutes',
            field=models.PositiveIntegerField(blank=True, help_text='Minutes, where it counts business or elapsed time', null=True, validators=[django.core.validators.MaxValueValidator(576000)]),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('kind', 'provider', 'provider_team'), name='one_default_agreement_a_provider', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'sla'), _negated=True), ('receiver', 'client'), _connector='OR'), name='sla_is_promised_to_the_client'),
        ),
        migrations.AddField(
            model_name='agreementscope',
            name='agreement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scopes', to='services.agreement'),
        ),
        migrations.AddField(
            model_name='agreementscope',
            name='client',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='services.client'),
        ),
        migrations.AddField(
            model_name='agreementscope',
            name='service',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='agreement_scopes', to='services.service'),
        ),
        migrations.AddField(
            model_name='agreementversion',
            name='agreement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='services.agreement'),
        ),
        migrations.AddField(
            model_name='agreementversion',
            name='calendar',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreement_versions', to='services.businesscalendar'),
        ),
        migrations.AddField(
            model_name='agreementversion',
            name='published_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='agreementtarget',
            name='version',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='services.agreementversion'),
        ),
        migrations.AddConstraint(
            model_name='agreementtarget',
            constraint=models.UniqueConstraint(fields=('version', 'severity', 'kind'), name='version_target_once'),
        ),
        migrations.AddConstraint(
            model_name='agreementtarget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('minutes__isnull', False), ('minutes__lte', 576000), ('mode__in', ['business', 'elapsed'])), models.Q(('days__gte', 1), ('days__lte', 400), ('mode', 'business_days')), ('mode', 'next_day'), _connector='OR'), name='target_says_how_long'),
        ),
        migrations.AddField(
            model_name='warningrung',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rungs', to='services.agreementversion'),
        ),
        migrations.AddConstraint(
            model_name='agreementscope',
            constraint=models.UniqueConstraint(fields=('agreement', 'service', 'client', 'tier'), name='agreement_scope_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='agreementscope',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('client__isnull', True), ('service__isnull', False), ('tier__isnull', True)), models.Q(('client__isnull', False), ('service__isnull', True)), models.Q(('service__isnull', True), ('tier__isnull', False)), _connector='OR'), name='scope_is_a_service_or_a_group'),
        ),
        migrations.AddConstraint(
            model_name='agreementversion',
            constraint=models.UniqueConstraint(fields=('agreement', 'number'), name='agreement_version_once'),
        ),
        migrations.AddConstraint(
            model_name='agreementversion',
            constraint=models.CheckConstraint(condition=models.Q(('warn_percent__gte', 1), ('warn_percent__lte', 99)), name='version_warn_percent_range'),
        ),
        migrations.AddConstraint(
            model_name='agreementversion',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'draft'), ('valid_from__isnull', False), _connector='OR'), name='published_version_begins'),
        ),
        migrations.AddConstraint(
            model_name='agreementversion',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='version_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='agreementversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('valid_from__isnull', True), models.Q(('valid_from__gte', datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('valid_from__lt', datetime.datetime(2150, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), _connector='OR'), models.Q(('valid_to__isnull', True), models.Q(('valid_to__gte', datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('valid_to__lt', datetime.datetime(2150, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), _connector='OR')), name='version_valid_in_known_years'),
        ),
        migrations.AddConstraint(
            model_name='agreementversion',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state', 'published')), expressions=[(models.Func(models.F('agreement_id'), models.F('agreement_id'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('valid_from'), models.F('valid_to'), function='tstzrange'), '&&')], name='one_version_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='warningrung',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('unit', 'percent'), _negated=True), models.Q(('amount__gte', 1), ('amount__lte', 1000)), _connector='OR'), name='rung_percent_range'),
        ),
        migrations.AddConstraint(
            model_name='warningrung',
            constraint=models.CheckConstraint(condition=models.Q(('amount__lte', 576000)), name='rung_within_known_time'),
        ),
    ]
