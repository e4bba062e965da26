"""What has left may be added and nothing else: who could take such a row back could make a hole look like its time."""

from django.db import migrations

PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON history_expiry
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON history_expiry
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON history_expiry; DROP TRIGGER append_only_table ON history_expiry;"


class Migration(migrations.Migration):
    """Protect it with the audit room's function."""

    dependencies = [("history", "0001_initial"), ("audit", "0002_append_only")]

    operations = [migrations.RunSQL(PROTECT, RELEASE)]
