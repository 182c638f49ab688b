from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('runbooks', '0001_initial'),
        ('services', '0008_objectives'),
    ]

    operations = [
        migrations.AddField(
            model_name='runbook',
            name='activities',
            field=models.ManyToManyField(blank=True, help_text='Which activities of the operating model it is for; none: any', related_name='runbooks', to='services.activity'),
        ),
    ]
