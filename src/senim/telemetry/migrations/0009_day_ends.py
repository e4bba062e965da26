"""How much of each epoch had been accepted when a day ended: written once, by the first line of a later day."""

import django.db.models.deletion
from django.db import migrations, models

# What was accepted before counts for the day on which its newest line was read: the nearest that is known.
COUNT = """
UPDATE telemetry_ledger SET counted_on = (last_line_at AT TIME ZONE 'Asia/Almaty')::date WHERE last_line_at IS NOT NULL;
"""
GUARD = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON telemetry_dayend
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON telemetry_dayend
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON telemetry_dayend; DROP TRIGGER append_only_table ON telemetry_dayend;"


class Migration(migrations.Migration):
    """The column, the table and what keeps it."""

    dependencies = [("telemetry", "0008_feed_passed"), ("audit", "0002_append_only")]

    operations = [
        migrations.AddField(model_name="ledger", name="counted_on", field=models.DateField(null=True)),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="DayEnd",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("day", models.DateField()),
                ("lines", models.BigIntegerField()),
                (
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_ends",
                        to="telemetry.ledger",
                    ),
                ),
            ],
            options={
                "ordering": ["ledger", "day"],
                "constraints": [
                    models.UniqueConstraint(fields=("ledger", "day"), name="telemetry_day_ends_once"),
                ],
            },
        ),
        migrations.RunSQL(GUARD, RELEASE),
    ]
