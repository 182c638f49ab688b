import django.db.models.deletion
import services.choices
import services.validators
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_append_only'),
        ('services', '0005_terms_moved'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=80)),
                ('group', models.CharField(choices=services.choices.activity_group_choices, max_length=10)),
                ('position', models.PositiveSmallIntegerField(default=0, help_text='Its place in the matrix')),
                ('help', models.CharField(blank=True, help_text='Where it begins and ends, in one sentence', max_length=240)),
                ('needs_runbook', models.BooleanField(default=False, help_text='L1 does it only by a runbook: each service must have one')),
            ],
            options={
                'verbose_name_plural': 'activities',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='OperatingModelVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('snapshot', models.JSONField()),
                ('note', models.CharField(max_length=300)),
                ('published_at', models.DateTimeField()),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'published operating model',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Dependency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=services.choices.dependency_kind_choices, default='data', max_length=10)),
                ('critical', models.BooleanField(default=True, help_text='Without it the downstream service does not work, rather than worse')),
                ('note', models.CharField(blank=True, help_text='What it takes, or how often', max_length=160)),
                ('downstream', models.ForeignKey(help_text='Takes', on_delete=django.db.models.deletion.CASCADE, related_name='depends_on', to='services.service')),
                ('upstream', models.ForeignKey(help_text='Gives', on_delete=django.db.models.deletion.CASCADE, related_name='needed_by', to='services.service')),
            ],
            options={
                'verbose_name_plural': 'dependencies',
                'ordering': ['upstream', 'downstream', 'kind', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('upstream', 'downstream', 'kind'), name='dependency_once'), models.CheckConstraint(condition=models.Q(('upstream', models.F('downstream')), _negated=True), name='dependency_not_itself', violation_error_message="A service can't depend on itself.")],
            },
        ),
        migrations.CreateModel(
            name='PartyTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party', models.CharField(choices=services.choices.party_choices, max_length=14)),
                ('authority', models.JSONField(blank=True, default=list, help_text='What it may do without asking, such as ["restart", "drain"]', validators=[services.validators.validate_authority])),
                ('scope_in', models.TextField(blank=True, help_text='What is its work', max_length=2000)),
                ('scope_out', models.TextField(blank=True, help_text='What is not', max_length=2000)),
                ('entry', models.TextField(blank=True, help_text='When it takes work over', max_length=2000)),
                ('evidence', models.JSONField(blank=True, default=list, help_text='What it asks for when work is handed to it: [{"key": "logs", "label": "Logs", "required": true}]', validators=[services.validators.validate_evidence])),
                ('timebox_minutes', models.PositiveIntegerField(blank=True, help_text='After so long without progress it hands the work on', null=True)),
                ('out_of_hours', models.CharField(blank=True, help_text='What holds outside support hours', max_length=240)),
                ('hands_to', models.CharField(blank=True, choices=services.choices.party_choices, help_text="To whom it hands on what it can't end", max_length=14)),
                ('return_path', models.CharField(blank=True, help_text='How work comes back from it', max_length=240)),
                ('service', models.ForeignKey(blank=True, help_text='Empty: the template of all services', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='party_terms', to='services.service')),
                ('team', models.ForeignKey(blank=True, help_text="Who the party is here. Empty: the owning team or the service's party of that kind", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'verbose_name': 'terms of a party',
                'verbose_name_plural': 'terms of parties',
                'ordering': ['party', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('party', 'service'), name='party_terms_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('timebox_minutes__isnull', True), models.Q(('timebox_minutes__gte', 1), ('timebox_minutes__lte', 10080)), _connector='OR'), name='party_timebox_sane')],
            },
        ),
        migrations.CreateModel(
            name='ReadinessChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('standard', models.CharField(max_length=60)),
                ('before', models.CharField(blank=True, choices=services.choices.check_state_choices, max_length=4)),
                ('after', models.CharField(choices=services.choices.check_state_choices, max_length=4)),
                ('evidence', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField()),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readiness_changes', to='services.service')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['service', '-at'], name='readiness_change_newest')],
            },
        ),
        migrations.CreateModel(
            name='ReadinessDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('met', models.PositiveSmallIntegerField()),
                ('applied', models.PositiveSmallIntegerField()),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readiness_days', to='services.service')),
            ],
            options={
                'ordering': ['day'],
                'constraints': [models.UniqueConstraint(fields=('service', 'day'), name='readiness_day_once'), models.CheckConstraint(condition=models.Q(('met__lte', models.F('applied'))), name='readiness_met_of_applied')],
            },
        ),
        migrations.CreateModel(
            name='ReadinessResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('standard', models.CharField(max_length=60)),
                ('state', models.CharField(choices=services.choices.check_state_choices, max_length=4)),
                ('evidence', models.CharField(blank=True, help_text='What was found', max_length=300)),
                ('url', models.CharField(blank=True, help_text='Where it is seen or mended', max_length=300)),
                ('since', models.DateTimeField(help_text='In this state since')),
                ('checked_at', models.DateTimeField()),
                ('due', models.DateField(blank=True, help_text='By when it is mended', null=True)),
                ('owner', models.ForeignKey(blank=True, help_text='Who mends it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readiness', to='services.service')),
            ],
            options={
                'ordering': ['service', 'standard', 'pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'fail')), fields=['due'], name='readiness_failing_due')],
                'constraints': [models.UniqueConstraint(fields=('service', 'standard'), name='readiness_once')],
            },
        ),
        migrations.CreateModel(
            name='Responsibility',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party', models.CharField(choices=services.choices.party_choices, max_length=14)),
                ('letter', models.CharField(choices=services.choices.letter_choices, max_length=2)),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='responsibilities', to='services.activity')),
                ('service', models.ForeignKey(blank=True, help_text='Empty: the template of all services', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='responsibilities', to='services.service')),
            ],
            options={
                'verbose_name_plural': 'responsibilities',
                'ordering': ['activity__position', 'activity', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('activity', 'party', 'service'), name='responsibility_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('letter__in', ['R', 'A', 'RA', 'C', 'I'])), name='responsibility_letter_known')],
            },
        ),
    ]
