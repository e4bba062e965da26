"""What a person said of a loss is never changed or removed."""

from django.db import migrations

PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON telemetry_seenloss
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON telemetry_seenloss
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON telemetry_seenloss; DROP TRIGGER append_only_table ON telemetry_seenloss;"


class Migration(migrations.Migration):
    """Protect it with the audit room's function."""

    dependencies = [("telemetry", "0002_seen"), ("audit", "0002_append_only")]

    operations = [migrations.RunSQL(PROTECT, RELEASE)]
