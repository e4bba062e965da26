"""Versions are never changed, follow each other without a hole, and are written when they are said."""

from django.db import migrations

GUARD = """
CREATE FUNCTION senim_registers_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before registers_version;
BEGIN
    IF NEW.written_at NOT BETWEEN clock_timestamp() - interval '5 minutes' AND clock_timestamp() + interval '5 minutes'
    THEN
        RAISE EXCEPTION 'a register is written when it is said' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO before FROM registers_version WHERE entry = NEW.entry ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(before.number, 0) + 1 OR before.register <> NEW.register OR before.is_over
        OR before.written_at > NEW.written_at OR (before.number IS NULL AND NEW.is_over) THEN
        RAISE EXCEPTION 'a version follows the newest one of its entry' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER follows BEFORE INSERT ON registers_version FOR EACH ROW EXECUTE FUNCTION senim_registers_follow();
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON registers_version
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON registers_version
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = """
DROP TRIGGER follows ON registers_version; DROP TRIGGER append_only_rows ON registers_version;
DROP TRIGGER append_only_table ON registers_version; DROP FUNCTION senim_registers_follow();
"""


class Migration(migrations.Migration):
    """The triggers of registers."""

    dependencies = [("registers", "0001_initial"), ("audit", "0002_append_only")]

    operations = [migrations.RunSQL(GUARD, RELEASE)]
