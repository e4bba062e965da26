"""Whoever breaks into the console makes no account that production lets in: there, the operator alone makes accounts.

The console's process makes the accounts of a demonstration, because it holds the key that their factors need;
production refuses these by the fact of their birth.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION senim_account_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'senim_console' AND NEW.born_in <> 'demonstration' THEN
        RAISE EXCEPTION 'permission denied: the console makes no accounts but those of a demonstration'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER born_by_whom BEFORE INSERT ON identity_account FOR EACH ROW EXECUTE FUNCTION senim_account_born();
"""
UNGUARD = "DROP TRIGGER born_by_whom ON identity_account; DROP FUNCTION senim_account_born();"


class Migration(migrations.Migration):
    """Add the trigger."""

    dependencies = [("identity", "0002_attempts")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
