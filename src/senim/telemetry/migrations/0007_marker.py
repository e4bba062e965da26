"""Markers of exercises: each is written once, when its exercise begins, and counts for minutes only."""

from django.db import migrations, models

# A process that may declare exercises must not leave a marker behind under which attacks are counted apart for ever.
GUARD = """
CREATE FUNCTION senim_marker_counts_shortly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.until NOT BETWEEN clock_timestamp() - interval '5 minutes' AND clock_timestamp() + interval '20 minutes' THEN
        RAISE EXCEPTION 'a marker counts as long as its exercise' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER counts_shortly BEFORE INSERT ON telemetry_marker
    FOR EACH ROW EXECUTE FUNCTION senim_marker_counts_shortly();
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON telemetry_marker
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON telemetry_marker
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
UNGUARD = """
DROP TRIGGER counts_shortly ON telemetry_marker; DROP TRIGGER append_only_rows ON telemetry_marker;
DROP TRIGGER append_only_table ON telemetry_marker; DROP FUNCTION senim_marker_counts_shortly();
"""


class Migration(migrations.Migration):
    """The table, and what keeps it."""

    dependencies = [("telemetry", "0006_formless"), ("audit", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Marker",
            fields=[
                ("marker", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
            ],
            options={
                "ordering": ["until", "marker"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("marker__regex", "^exercise-[0-9a-f]{16}$")), name="telemetry_marker_form"
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
