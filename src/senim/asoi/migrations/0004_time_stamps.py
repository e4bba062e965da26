"""Time-stamps of what was signed: added once, never changed or removed."""

import django.db.models.deletion
from django.db import migrations, models

import senim.kit.clock

KEEP = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON asoi_timestamp
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER kept_table BEFORE TRUNCATE ON asoi_timestamp
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
UNKEEP = "DROP TRIGGER append_only_rows ON asoi_timestamp; DROP TRIGGER kept_table ON asoi_timestamp;"


class Migration(migrations.Migration):
    """The table and what keeps it."""

    dependencies = [("asoi", "0003_moved_by_whom")]

    operations = [
        migrations.CreateModel(
            name="TimeStamp",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="stamp",
                        serialize=False,
                        to="asoi.message",
                    ),
                ),
                ("response", models.BinaryField()),
                ("certificate", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(default=senim.kit.clock.now)),
            ],
        ),
        migrations.RunSQL(KEEP, UNKEEP),
    ]
