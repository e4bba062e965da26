"""That somebody was woken is never changed; who answered is said once; a line of the list ends once and stays."""

from django.db import migrations

GUARD = """
CREATE FUNCTION senim_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.answered_at IS NOT NULL AND (NEW.answered_at, NEW.answered_by_id)
        IS DISTINCT FROM (OLD.answered_at, OLD.answered_by_id) THEN
        RAISE EXCEPTION 'who answered is said once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION senim_duty_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR (NEW.account_id, NEW.place, NEW.since, NEW.until, NEW.every_weeks)
        IS DISTINCT FROM (OLD.account_id, OLD.place, OLD.since, OLD.until, OLD.every_weeks) THEN
        RAISE EXCEPTION 'a line of the list only ends, and once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER answered_once BEFORE UPDATE ON oncall_cause
    FOR EACH ROW EXECUTE FUNCTION senim_answered_once();
CREATE TRIGGER duty_ends_once BEFORE UPDATE ON oncall_duty
    FOR EACH ROW EXECUTE FUNCTION senim_duty_ends_once();
"""
UNGUARD = """
DROP TRIGGER answered_once ON oncall_cause; DROP TRIGGER duty_ends_once ON oncall_duty;
DROP FUNCTION senim_answered_once(); DROP FUNCTION senim_duty_ends_once();
"""
PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON oncall_page
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON oncall_page
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON oncall_page; DROP TRIGGER append_only_table ON oncall_page;"


class Migration(migrations.Migration):
    """The triggers of causes, pages and the list."""

    dependencies = [("oncall", "0001_initial"), ("audit", "0002_append_only")]

    operations = [migrations.RunSQL(GUARD, UNGUARD), migrations.RunSQL(PROTECT, RELEASE)]
