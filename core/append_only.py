"""Tables that are written once: a row trigger refuses UPDATE and DELETE.

One audited way round exists for redaction: `SET LOCAL mainstay.redaction = 'on'` within a transaction.
"""

from django.db import migrations

_FUNCTION = """
CREATE OR REPLACE FUNCTION mainstay_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('mainstay.redaction', true) = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION '% is append-only: write a correcting row instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """A migration operation that makes `table` append-only."""
    return migrations.RunSQL(
        sql=[
            _FUNCTION,
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION mainstay_append_only()",
        ],
        reverse_sql=[f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"],
    )
