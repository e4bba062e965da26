"""What was said, sealed or answered is never changed or removed; what has no receipt is not delivered."""

from django.db import migrations

GUARD = """
CREATE FUNCTION senim_asoi_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.kind, NEW.about, NEW.sequence, NEW.corrects_id, NEW.exercise, NEW.told, NEW.created_at)
        IS DISTINCT FROM
       (OLD.id, OLD.kind, OLD.about, OLD.sequence, OLD.corrects_id, OLD.exercise, OLD.told, OLD.created_at) THEN
        RAISE EXCEPTION 'what a message says is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.sealed IS NOT NULL AND (NEW.content, NEW.signed, NEW.sealed, NEW.sha256, NEW.sealed_at)
        IS DISTINCT FROM (OLD.content, OLD.signed, OLD.sealed, OLD.sha256, OLD.sealed_at) THEN
        RAISE EXCEPTION 'a sealed message is never sealed anew' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (OLD.first_sent_at IS NOT NULL AND NEW.first_sent_at IS DISTINCT FROM OLD.first_sent_at)
        OR (OLD.exported_at IS NOT NULL AND NEW.exported_at IS DISTINCT FROM OLD.exported_at)
        OR (OLD.delivered_at IS NOT NULL AND NEW.delivered_at IS DISTINCT FROM OLD.delivered_at) THEN
        RAISE EXCEPTION 'a moment that has passed is never moved' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state || ' ' || NEW.state) NOT IN (
        'queued sealed', 'queued refused', 'sealed exported', 'sealed delivered', 'sealed refused',
        'exported delivered', 'exported refused', 'refused delivered') THEN
        RAISE EXCEPTION 'a message does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.state = 'delivered') <> (NEW.delivered_at IS NOT NULL) OR (NEW.state = 'delivered'
        AND NOT EXISTS (SELECT 1 FROM asoi_receipt WHERE message_id = NEW.id)) THEN
        RAISE EXCEPTION 'no receipt, not delivered' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state NOT IN ('queued', 'refused') AND NEW.sealed IS NULL THEN
        RAISE EXCEPTION 'not sealed, not %', NEW.state USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION senim_asoi_born_queued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'queued' OR NEW.sealed IS NOT NULL OR NEW.delivered_at IS NOT NULL THEN
        RAISE EXCEPTION 'a message begins in the queue' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION senim_asoi_ended_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR (NEW.id, NEW.message_id, NEW.started_at)
        IS DISTINCT FROM (OLD.id, OLD.message_id, OLD.started_at) THEN
        RAISE EXCEPTION 'a try that has ended is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION senim_asoi_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.answered_at IS NOT NULL
        OR (NEW.id, NEW.wish, NEW.data, NEW.actor_kind, NEW.actor_id, NEW.actor_name, NEW.at)
        IS DISTINCT FROM (OLD.id, OLD.wish, OLD.data, OLD.actor_kind, OLD.actor_id, OLD.actor_name, OLD.at) THEN
        RAISE EXCEPTION 'what was handed in is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER born_queued BEFORE INSERT ON asoi_message FOR EACH ROW EXECUTE FUNCTION senim_asoi_born_queued();
CREATE TRIGGER unchangeable BEFORE UPDATE ON asoi_message FOR EACH ROW EXECUTE FUNCTION senim_asoi_message();
CREATE TRIGGER ended_once BEFORE UPDATE ON asoi_attempt FOR EACH ROW EXECUTE FUNCTION senim_asoi_ended_once();
CREATE TRIGGER answered_once BEFORE UPDATE ON asoi_handedin FOR EACH ROW EXECUTE FUNCTION senim_asoi_answered_once();
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON asoi_receipt
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
"""
KEEP = """
CREATE TRIGGER kept_rows BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER kept_table BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
TABLES = ("asoi_message", "asoi_attempt", "asoi_receipt", "asoi_handedin")
UNDO = """
DROP TRIGGER born_queued ON asoi_message; DROP TRIGGER unchangeable ON asoi_message;
DROP TRIGGER ended_once ON asoi_attempt; DROP TRIGGER answered_once ON asoi_handedin;
DROP TRIGGER append_only_rows ON asoi_receipt;
DROP FUNCTION senim_asoi_message(); DROP FUNCTION senim_asoi_born_queued();
DROP FUNCTION senim_asoi_ended_once(); DROP FUNCTION senim_asoi_answered_once();
"""
UNKEEP = "DROP TRIGGER kept_rows ON {table}; DROP TRIGGER kept_table ON {table};"


class Migration(migrations.Migration):
    """The triggers of the outbox."""

    dependencies = [("asoi", "0001_initial"), ("audit", "0002_append_only")]

    operations = [
        migrations.RunSQL(GUARD, UNDO),
        migrations.RunSQL(
            "".join(KEEP.format(table=table) for table in TABLES),
            "".join(UNKEEP.format(table=table) for table in TABLES),
        ),
    ]
