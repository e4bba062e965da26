"""An exercise says which scenario it plays, and when whoever plays it waits for nothing more."""

import django.db.models.deletion
from django.db import migrations, models

import senim.kit.clock

PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON incidents_exerciseend
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON incidents_exerciseend
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = """
DROP TRIGGER append_only_rows ON incidents_exerciseend; DROP TRIGGER append_only_table ON incidents_exerciseend;
"""


class Migration(migrations.Migration):
    """Add both."""

    dependencies = [("incidents", "0006_near_misses")]

    operations = [
        migrations.AddField("exercise", "scenario", models.CharField(blank=True, default="", max_length=64), False),
        migrations.CreateModel(
            name="ExerciseEnd",
            fields=[
                (
                    "exercise",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="end",
                        serialize=False,
                        to="incidents.exercise",
                    ),
                ),
                ("at", models.DateTimeField(default=senim.kit.clock.now)),
            ],
        ),
        migrations.RunSQL(PROTECT, RELEASE),
    ]
