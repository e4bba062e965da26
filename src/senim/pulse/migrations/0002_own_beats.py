"""Beats are not logged to disk, and each process writes its own only."""

from django.db import migrations

UNLOGGED = "ALTER TABLE pulse_beat SET UNLOGGED"
LOGGED = "ALTER TABLE pulse_beat SET LOGGED"
# `session_user` is who signed in: a process with a role of its own cannot take another's place.
GUARD = r"""
CREATE FUNCTION senim_own_beat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF session_user LIKE 'senim\_%' AND session_user NOT IN ('senim_owner', 'senim_' || NEW.process) THEN
        RAISE EXCEPTION 'a process says of itself alone that it works' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.process, OLD.part) <> (NEW.process, NEW.part) THEN
        RAISE EXCEPTION 'a beat belongs to one loop' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER own_beat BEFORE INSERT OR UPDATE ON pulse_beat
    FOR EACH ROW EXECUTE FUNCTION senim_own_beat();
"""
UNGUARD = "DROP TRIGGER own_beat ON pulse_beat; DROP FUNCTION senim_own_beat();"


class Migration(migrations.Migration):
    """The guard of the beats."""

    dependencies = [("pulse", "0001_initial")]

    operations = [migrations.RunSQL(UNLOGGED, LOGGED), migrations.RunSQL(GUARD, UNGUARD)]
