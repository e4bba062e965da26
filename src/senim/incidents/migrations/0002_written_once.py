"""What was declared, joined or decided is never changed; each is written in its time and about what it may be about."""

from django.db import migrations

GUARD = """
CREATE FUNCTION senim_exercise_declared_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.declared_at NOT BETWEEN clock_timestamp() - interval '5 minutes'
        AND clock_timestamp() + interval '5 minutes' THEN
        RAISE EXCEPTION 'an exercise is declared when it begins' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION senim_decided_by_a_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM detection_alert WHERE id = NEW.alert_id AND kind IS NOT NULL) THEN
        RAISE EXCEPTION 'nobody decides about an alert that its rule grades' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER declared_now BEFORE INSERT ON incidents_exercise
    FOR EACH ROW EXECUTE FUNCTION senim_exercise_declared_now();
CREATE TRIGGER decided_by_a_person BEFORE INSERT ON incidents_decision
    FOR EACH ROW EXECUTE FUNCTION senim_decided_by_a_person();
"""
UNGUARD = """
DROP TRIGGER declared_now ON incidents_exercise; DROP TRIGGER decided_by_a_person ON incidents_decision;
DROP FUNCTION senim_exercise_declared_now(); DROP FUNCTION senim_decided_by_a_person();
"""
PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON {table}; DROP TRIGGER append_only_table ON {table};"
TABLES = ("incidents_exercise", "incidents_incidentalert", "incidents_decision")


class Migration(migrations.Migration):
    """The triggers of exercises, decisions and the alerts of incidents."""

    dependencies = [("incidents", "0001_initial"), ("audit", "0002_append_only")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        *(migrations.RunSQL(PROTECT.format(table=table), RELEASE.format(table=table)) for table in TABLES),
    ]
