"""Visits of a carrier to the regulator's folders: written once."""

from django.db import migrations, models

import senim.kit.clock

PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON asoi_carriervisit
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON asoi_carriervisit
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON asoi_carriervisit; DROP TRIGGER append_only_table ON asoi_carriervisit;"


class Migration(migrations.Migration):
    """Add the table."""

    dependencies = [("asoi", "0006_told_by_the_feed")]

    operations = [
        migrations.CreateModel(
            name="CarrierVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=senim.kit.clock.now)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("done", "done"),
                            ("unreachable", "unreachable"),
                            ("timed-out", "timed-out"),
                            ("host-not-trusted", "host-not-trusted"),
                            ("refused", "refused"),
                        ],
                        max_length=32,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=200)),
                ("put", models.PositiveIntegerField()),
                ("fetched", models.PositiveIntegerField()),
            ],
            options={"ordering": ["at", "pk"]},
        ),
        migrations.RunSQL(PROTECT, RELEASE),
    ]
