import django.db.models.deletion
import incidents.choices
import services.choices
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0008_clock_check'),
        ('services', '0005_terms_moved'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClockCorrection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=incidents.choices.verdict_choices, default='kept', max_length=8)),
                ('reason', models.CharField(max_length=500)),
                ('breached_at', models.DateTimeField(help_text='The breach as it was counted')),
                ('state', models.CharField(choices=incidents.choices.correction_state_choices, default='asked', max_length=8)),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision', models.CharField(blank=True, help_text="The decider's words", max_length=500)),
            ],
            options={
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Replanning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('how', models.CharField(choices=incidents.choices.replan_how_choices, max_length=9)),
                ('reason', models.CharField(max_length=300)),
                ('asked_at', models.DateTimeField()),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('moved', models.PositiveIntegerField(default=0, help_text='Those whose due time changed')),
                ('skipped', models.PositiveIntegerField(default=0, help_text='Those that nothing holds for any more')),
                ('after', models.BigIntegerField(default=0)),
                ('next_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='clock',
            name='one_live_clock_a_kind',
        ),
        migrations.AddField(
            model_name='clock',
            name='agreement',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='services.agreement'),
        ),
        migrations.AddField(
            model_name='clock',
            name='at',
            field=models.PositiveIntegerField(help_text='Seconds of the next business day, where it ends then', null=True),
        ),
        migrations.AddField(
            model_name='clock',
            name='basis',
            field=models.CharField(choices=services.choices.agreement_kind_choices, db_default='sla', default='sla', max_length=3),
        ),
        migrations.AddField(
            model_name='clock',
            name='days',
            field=models.PositiveSmallIntegerField(help_text='Business days, where it counts those', null=True),
        ),
        migrations.AddField(
            model_name='clock',
            name='is_new_cycle',
            field=models.BooleanField(db_default=False, default=False, help_text='A promise of its own beside the counts before it; else it goes on from the one before'),
        ),
        migrations.AddField(
            model_name='clock',
            name='legs',
            field=models.JSONField(db_default=[], default=list, help_text='[[until, hours], …], the oldest first'),
        ),
        migrations.AddField(
            model_name='clock',
            name='mode',
            field=models.CharField(choices=services.choices.target_mode_choices, db_default='business', default='business', max_length=13),
        ),
        migrations.AddField(
            model_name='clock',
            name='on_reopen',
            field=models.CharField(choices=services.choices.on_reopen_choices, db_default='pause', default='pause', max_length=8),
        ),
        migrations.AddField(
            model_name='clock',
            name='on_severity',
            field=models.CharField(choices=services.choices.on_severity_choices, db_default='keep', default='keep', max_length=9),
        ),
        migrations.AddField(
            model_name='clock',
            name='provider',
            field=models.CharField(choices=services.choices.party_choices, db_default='l1', default='l1', max_length=14),
        ),
        migrations.AddField(
            model_name='clock',
            name='rung_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='clock',
            name='rungs',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='clock',
            name='rungs_done',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='clock',
            name='stops_for',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='clock',
            name='stops_with',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='clock',
            name='verdict',
            field=models.CharField(blank=True, choices=incidents.choices.verdict_choices, db_default='', default='', help_text='What its breach counts as since two agreed to a correction', max_length=8),
        ),
        migrations.AddField(
            model_name='clock',
            name='version',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='0: from before versions'),
        ),
        migrations.AddConstraint(
            model_name='clock',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['running', 'paused'])), fields=('incident', 'basis', 'provider', 'kind'), name='one_live_clock_a_promise'),
        ),
        migrations.AddField(
            model_name='clockcorrection',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='clockcorrection',
            name='clock',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='incidents.clock'),
        ),
        migrations.AddField(
            model_name='clockcorrection',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='replanning',
            name='agreement',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='services.agreement'),
        ),
        migrations.AddField(
            model_name='replanning',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='replanning',
            name='calendar',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='services.businesscalendar'),
        ),
        migrations.AddConstraint(
            model_name='clockcorrection',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'agreed'])), fields=('clock',), name='one_correction_that_counts'),
        ),
        migrations.AddConstraint(
            model_name='clockcorrection',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'asked'), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='decided_correction_says_by_whom'),
        ),
        migrations.AddConstraint(
            model_name='clockcorrection',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='correction_takes_two'),
        ),
        migrations.AddIndex(
            model_name='replanning',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='replanning_due'),
        ),
        migrations.AddConstraint(
            model_name='replanning',
            constraint=models.CheckConstraint(condition=models.Q(('agreement__isnull', False), ('calendar__isnull', False), _connector='OR'), name='replanning_is_about_something'),
        ),
    ]
