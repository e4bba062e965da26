"""Audit rows and the log over them may be added to and nothing else, whoever asks short of the owner dropping this."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION senim_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""
PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
LIFT = "DROP TRIGGER append_only_rows ON {table}; DROP TRIGGER append_only_table ON {table}"
TABLES = ("audit_auditrow", "audit_leaf", "audit_node", "audit_checkpoint")


class Migration(migrations.Migration):
    """Add the function that refuses, and its triggers."""

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION senim_append_only()"),
        *(migrations.RunSQL(PROTECT.format(table=t), LIFT.format(table=t)) for t in TABLES),
    ]
