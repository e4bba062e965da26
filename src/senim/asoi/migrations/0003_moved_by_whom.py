"""Each process moves a message as far as it is its to move, and the database knows who it is by its role.

Without this, whoever breaks into the operator's commands could call a message refused, and nobody would send it. A
message is born with nothing done about it and its turn at once: whoever breaks into the worker cannot put one off for
ever, which *Now* would not count as stuck.
"""

from django.db import migrations

MOVED = """
CREATE FUNCTION senim_asoi_moved_by_whom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (CASE current_user
        WHEN 'senim_operator' THEN OLD.state = 'sealed' AND NEW.state = 'exported'
        WHEN 'senim_asoi' THEN NEW.state <> 'exported'
        WHEN 'senim_owner' THEN true
        ELSE false
    END) THEN
        RAISE EXCEPTION 'permission denied: % does not take a message from % to %', current_user, OLD.state, NEW.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'exported' AND NEW.exported_at IS NULL THEN
        RAISE EXCEPTION 'exported, but never' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moved_by_whom BEFORE UPDATE ON asoi_message
    FOR EACH ROW EXECUTE FUNCTION senim_asoi_moved_by_whom();
"""
BORN = """
CREATE FUNCTION senim_asoi_born_by_whom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user NOT IN ('senim_worker', 'senim_owner') THEN
        RAISE EXCEPTION 'permission denied: % tells the regulator nothing', current_user
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF num_nonnulls(NEW.content, NEW.signed, NEW.sealed, NEW.sealed_at, NEW.first_sent_at, NEW.exported_at,
                    NEW.delivered_at) > 0 OR (NEW.sha256, NEW.refusal, NEW.tries) <> ('', '', 0) THEN
        RAISE EXCEPTION 'permission denied: a message begins with nothing done about it'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF greatest(NEW.created_at, NEW.next_try_at) > clock_timestamp() + interval '1 minute' THEN
        RAISE EXCEPTION 'permission denied: a message does not wait for its first turn'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER born_by_whom BEFORE INSERT ON asoi_message
    FOR EACH ROW EXECUTE FUNCTION senim_asoi_born_by_whom();
"""
UNDO = """
DROP TRIGGER moved_by_whom ON asoi_message; DROP TRIGGER born_by_whom ON asoi_message;
DROP FUNCTION senim_asoi_moved_by_whom(); DROP FUNCTION senim_asoi_born_by_whom();
"""


class Migration(migrations.Migration):
    """Add the triggers."""

    dependencies = [("asoi", "0002_unchangeable")]

    operations = [migrations.RunSQL(MOVED + BORN, UNDO)]
