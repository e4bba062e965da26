"""What people said is never changed, and is written when it was said: neither beforehand nor afterwards."""

from django.db import migrations

GUARD = """
CREATE FUNCTION senim_said_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) ->> TG_ARGV[0])::timestamptz NOT BETWEEN clock_timestamp() - interval '5 minutes'
        AND clock_timestamp() + interval '5 minutes' THEN
        RAISE EXCEPTION 'what a person says of a service is written when it is said'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""
PROTECT = """
CREATE TRIGGER said_now BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION senim_said_now('{moment}');
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = """
DROP TRIGGER said_now ON {table}; DROP TRIGGER append_only_rows ON {table}; DROP TRIGGER append_only_table ON {table};
"""
SAID = {
    "availability_maintenance": "announced_at",
    "availability_cancellation": "cancelled_at",
    "availability_causedecision": "decided_at",
}


class Migration(migrations.Migration):
    """The triggers of announcements, cancellations and decisions."""

    dependencies = [("availability", "0001_initial"), ("audit", "0002_append_only")]

    operations = [
        migrations.RunSQL(GUARD, "DROP FUNCTION senim_said_now();"),
        *(
            migrations.RunSQL(PROTECT.format(table=table, moment=moment), RELEASE.format(table=table))
            for table, moment in SAID.items()
        ),
    ]
