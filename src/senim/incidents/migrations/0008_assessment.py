"""How grave an incident is and what it touches: said by a person's act on record, like its kind and state.

And that another authority was told of a breach of personal data: written once.
"""

import django.db.models.deletion
from django.db import migrations, models

import senim.kit.clock

GUARD = """
CREATE FUNCTION senim_incident_assessed_by_acts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.revision = OLD.revision AND (NEW.assessment, NEW.breach_known_at)
        IS DISTINCT FROM (OLD.assessment, OLD.breach_known_at) THEN
        RAISE EXCEPTION 'an assessment changes by an act on record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessed_by_acts BEFORE UPDATE ON incidents_incident
    FOR EACH ROW EXECUTE FUNCTION senim_incident_assessed_by_acts();
"""
UNGUARD = """
DROP TRIGGER assessed_by_acts ON incidents_incident;
DROP FUNCTION senim_incident_assessed_by_acts();
"""
PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON incidents_breachnotice
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON incidents_breachnotice
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = """
DROP TRIGGER append_only_rows ON incidents_breachnotice; DROP TRIGGER append_only_table ON incidents_breachnotice;
"""


class Migration(migrations.Migration):
    """Add both columns and the table, guarded."""

    dependencies = [("incidents", "0007_scenarios")]

    operations = [
        migrations.AddField("incident", "assessment", models.JSONField(null=True)),
        migrations.AddField("incident", "breach_known_at", models.DateTimeField(null=True)),
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.CreateModel(
            name="BreachNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("told_at", models.DateTimeField()),
                ("reference", models.CharField(max_length=255)),
                ("at", models.DateTimeField(default=senim.kit.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.account"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="breach_notices",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "ordering": ["told_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        name="incidents_breach_notice_is_found_again",
                    )
                ],
            },
        ),
        migrations.RunSQL(PROTECT, RELEASE),
    ]
