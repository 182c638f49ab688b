from django.db import migrations

MATRIX = {
    ("high", "high"): "SEV1",
    ("high", "medium"): "SEV2",
    ("high", "low"): "SEV3",
    ("medium", "high"): "SEV2",
    ("medium", "medium"): "SEV3",
    ("medium", "low"): "SEV4",
    ("low", "high"): "SEV3",
    ("low", "medium"): "SEV4",
    ("low", "low"): "SEV4",
}


def fill(apps, schema_editor):
    rule = apps.get_model("incidents", "SeverityRule")
    for (impact, urgency), severity in MATRIX.items():
        rule.objects.get_or_create(impact=impact, urgency=urgency, defaults={"severity": severity})


class Migration(migrations.Migration):
    """The starting matrix of impact × urgency; leads edit it in the admin."""

    dependencies = [("incidents", "0002_append_only_and_refs")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
