"""Tasks of an incident, and how they ended: written once."""

import django.db.models.deletion
from django.db import migrations, models

import senim.kit.clock

PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON {table}; DROP TRIGGER append_only_table ON {table};"
TABLES = ("incidents_task", "incidents_taskend")


class Migration(migrations.Migration):
    """Add both tables."""

    dependencies = [("incidents", "0008_assessment"), ("identity", "__first__")]

    operations = [
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=500)),
                ("due_at", models.DateTimeField(null=True)),
                ("at", models.DateTimeField(default=senim.kit.clock.now)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.account",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.account"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="incidents.incident"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="incidents_task_says_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskEnd",
            fields=[
                (
                    "task",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="end",
                        serialize=False,
                        to="incidents.task",
                    ),
                ),
                ("is_done", models.BooleanField()),
                ("at", models.DateTimeField(default=senim.kit.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.account"
                    ),
                ),
            ],
        ),
        *(migrations.RunSQL(PROTECT.format(table=t), RELEASE.format(table=t)) for t in TABLES),
    ]
