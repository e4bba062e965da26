"""An incident changes only by a person's act on record; alerts move by rows that are never changed; nothing of an
exercise comes to anything else."""

from django.db import migrations

GUARD = """
CREATE FUNCTION senim_incident_changes_by_acts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.year, NEW.serial, NEW.target, NEW.actor, NEW.account, NEW.opened_at, NEW.exercise_id,
        NEW.split_from_id) IS DISTINCT FROM (OLD.id, OLD.year, OLD.serial, OLD.target, OLD.actor, OLD.account,
        OLD.opened_at, OLD.exercise_id, OLD.split_from_id) THEN
        RAISE EXCEPTION 'what an incident began with is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.revision NOT IN (OLD.revision, OLD.revision + 1) OR (NEW.revision <> OLD.revision AND NOT EXISTS (
        SELECT 1 FROM incidents_act WHERE incident_id = NEW.id AND revision = NEW.revision)) THEN
        RAISE EXCEPTION 'acts about an incident have their turn one after another'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.revision = OLD.revision AND (NEW.kind, NEW.state, NEW.merged_into_id)
        IS DISTINCT FROM (OLD.kind, OLD.state, OLD.merged_into_id) THEN
        RAISE EXCEPTION 'kind and state change by an act on record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state || ' ' || NEW.state) NOT IN (
        'open closed', 'open withdrawn', 'open merged', 'closed withdrawn', 'withdrawn open') THEN
        RAISE EXCEPTION 'an incident does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id AND (NEW.merged_into_id = NEW.id OR NEW.exercise_id
        IS DISTINCT FROM (SELECT exercise_id FROM incidents_incident WHERE id = NEW.merged_into_id)) THEN
        RAISE EXCEPTION 'an exercise is never merged with anything else' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION senim_incident_born_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'open' OR NEW.revision <> 0 OR (NEW.split_from_id IS NOT NULL AND NEW.exercise_id
        IS DISTINCT FROM (SELECT exercise_id FROM incidents_incident WHERE id = NEW.split_from_id)) THEN
        RAISE EXCEPTION 'an incident begins open, and real where what it came from was'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION senim_alert_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.follows_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM incidents_incidentalert AS before
        JOIN incidents_incident AS left_one ON left_one.id = before.incident_id
        JOIN incidents_incident AS entered ON entered.id = NEW.incident_id
        WHERE before.id = NEW.follows_id AND before.alert_id = NEW.alert_id AND left_one.id <> entered.id
        AND left_one.exercise_id IS NOT DISTINCT FROM entered.exercise_id) THEN
        RAISE EXCEPTION 'an alert moves from where it is, and never between an exercise and anything else'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION senim_acts_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.revision <> (SELECT revision + 1 FROM incidents_incident WHERE id = NEW.incident_id) THEN
        RAISE EXCEPTION 'an act is the next one about its incident'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER changes_by_acts BEFORE UPDATE ON incidents_incident
    FOR EACH ROW EXECUTE FUNCTION senim_incident_changes_by_acts();
CREATE TRIGGER born_open BEFORE INSERT ON incidents_incident
    FOR EACH ROW EXECUTE FUNCTION senim_incident_born_open();
CREATE TRIGGER moves_on BEFORE INSERT ON incidents_incidentalert
    FOR EACH ROW EXECUTE FUNCTION senim_alert_moves_on();
CREATE TRIGGER acts_in_order BEFORE INSERT ON incidents_act
    FOR EACH ROW EXECUTE FUNCTION senim_acts_in_order();
"""
UNGUARD = """
DROP TRIGGER changes_by_acts ON incidents_incident; DROP TRIGGER born_open ON incidents_incident;
DROP TRIGGER moves_on ON incidents_incidentalert; DROP TRIGGER acts_in_order ON incidents_act;
DROP FUNCTION senim_incident_changes_by_acts(); DROP FUNCTION senim_incident_born_open();
DROP FUNCTION senim_alert_moves_on(); DROP FUNCTION senim_acts_in_order();
"""
PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON {table}; DROP TRIGGER append_only_table ON {table};"
WRITTEN_ONCE = ("incidents_act", "incidents_actoutcome", "incidents_note", "incidents_assignment", "incidents_tick")
KEEP = """
CREATE TRIGGER kept_rows BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER kept_table BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
LOSE = "DROP TRIGGER kept_rows ON {table}; DROP TRIGGER kept_table ON {table};"
KEPT = ("incidents_incident", "incidents_party", "incidents_scope")


class Migration(migrations.Migration):
    """The triggers of what people do with incidents."""

    dependencies = [("incidents", "0003_acts_parties_and_scopes"), ("audit", "0002_append_only")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        *(migrations.RunSQL(PROTECT.format(table=t), RELEASE.format(table=t)) for t in WRITTEN_ONCE),
        *(migrations.RunSQL(KEEP.format(table=t), LOSE.format(table=t)) for t in KEPT),
    ]
