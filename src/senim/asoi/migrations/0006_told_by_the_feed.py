"""The event feed tells the regulator of events and of nothing else; the worker tells of everything but events."""

from django.db import migrations

BORN = """
CREATE OR REPLACE FUNCTION senim_asoi_born_by_whom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE current_user
        WHEN 'senim_owner' THEN true
        WHEN 'senim_worker' THEN {worker}
        {feed}
        ELSE false
    END) THEN
        RAISE EXCEPTION 'permission denied: % tells the regulator nothing{such}', current_user
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
"""
FEED = "WHEN 'senim_feed' THEN NEW.kind = 'EventBatch'"
TOLD = BORN.format(worker="NEW.kind <> 'EventBatch'", feed=FEED, such=" of this kind")
BEFORE = BORN.format(worker="true", feed="", such="")


class Migration(migrations.Migration):
    """Replace what the trigger does."""

    dependencies = [("asoi", "0005_electronic_format")]

    operations = [migrations.RunSQL(TOLD, BEFORE)]
