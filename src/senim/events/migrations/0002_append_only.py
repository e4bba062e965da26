"""Event rows may be added and nothing else."""

from django.db import migrations

PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON events_event
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""


class Migration(migrations.Migration):
    """Protect event rows with the audit room's function."""

    dependencies = [("events", "0001_initial"), ("audit", "0002_append_only")]

    operations = [
        migrations.RunSQL(
            PROTECT,
            "DROP TRIGGER append_only_rows ON events_event; DROP TRIGGER append_only_table ON events_event",
        ),
    ]
