"""Alerts and what was set aside may be added and nothing else."""

from django.db import migrations

TABLES = ("detection_alert", "detection_setaside", "detection_takenup")
PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON {table}; DROP TRIGGER append_only_table ON {table};"


class Migration(migrations.Migration):
    """Protect them with the audit room's function."""

    dependencies = [("detection", "0001_initial"), ("audit", "0002_append_only")]

    operations = [
        migrations.RunSQL(PROTECT.format(table=table), RELEASE.format(table=table)) for table in TABLES
    ]
