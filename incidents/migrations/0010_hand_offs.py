import django.db.models.deletion
import services.choices
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_append_only'),
        ('incidents', '0009_promises_of_all'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HandOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_party', models.CharField(choices=services.choices.party_choices, max_length=14)),
                ('to_party', models.CharField(choices=services.choices.party_choices, max_length=14)),
                ('evidence', models.JSONField(default=list, help_text='[{key, label, given}]: what was brought along')),
                ('note', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('by_name', models.CharField(blank=True, max_length=160)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('bounced_at', models.DateTimeField(blank=True, null=True)),
                ('bounce_reason', models.CharField(blank=True, max_length=300)),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, help_text='It stands no longer', null=True)),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('bounced_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hand_offs', to='incidents.incident')),
                ('to_team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'verbose_name': 'hand-off',
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('accepted_at__isnull', True), ('ended_at__isnull', True)), fields=('incident',), name='one_hand_off_waits'), models.CheckConstraint(condition=models.Q(('bounced_at__isnull', True), models.Q(('bounce_reason__gt', ''), ('ended_at__isnull', False)), _connector='OR'), name='bounced_says_why'), models.CheckConstraint(condition=models.Q(('returned_at__isnull', True), ('ended_at__isnull', False), _connector='OR'), name='returned_has_ended'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('at')), _connector='OR'), name='hand_off_ends_after')],
            },
        ),
    ]
