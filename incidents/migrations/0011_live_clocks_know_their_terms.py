from django.db import migrations

# What counts from before versions was counted by what is version 1 now, where one agreement has that name.
LINK = """
UPDATE incidents_clock AS c SET agreement_id = a.id, version = 1
FROM (SELECT min(id) AS id, name FROM services_agreement GROUP BY name HAVING count(*) = 1) AS a
WHERE c.agreement_id IS NULL AND c.state IN ('running', 'paused') AND c.agreement_name = a.name
"""


class Migration(migrations.Migration):
    """Promises that count know whose terms they have, so that new terms can be applied to them."""

    dependencies = [("incidents", "0010_hand_offs"), ("services", "0005_terms_moved")]

    operations = [migrations.RunSQL(LINK, migrations.RunSQL.noop)]
