"""The channel writes files by itself while the regulator is silent; people say that they carried them."""

import django.db.models.deletion
from django.db import migrations, models

import senim.kit.clock

MOVED = """
CREATE OR REPLACE FUNCTION senim_asoi_moved_by_whom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (CASE current_user
        WHEN 'senim_operator' THEN OLD.state = 'sealed' AND NEW.state = 'exported'
        WHEN 'senim_asoi' THEN true
        WHEN 'senim_owner' THEN true
        ELSE false
    END) THEN
        RAISE EXCEPTION 'permission denied: % does not take a message from % to %', current_user, OLD.state, NEW.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- R228/81-2 knows no file form: events go into ASOI alone.
    IF NEW.state = 'exported' AND NEW.kind = 'EventBatch' THEN
        RAISE EXCEPTION 'events have no electronic format' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'exported' AND NEW.exported_at IS NULL THEN
        RAISE EXCEPTION 'exported, but never' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""
MOVED_BEFORE = """
CREATE OR REPLACE FUNCTION senim_asoi_moved_by_whom() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""
PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON asoi_carriage
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON asoi_carriage
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = "DROP TRIGGER append_only_rows ON asoi_carriage; DROP TRIGGER append_only_table ON asoi_carriage;"


class Migration(migrations.Migration):
    """Let the sender export, and add the table."""

    dependencies = [("asoi", "0004_time_stamps")]

    operations = [
        migrations.RunSQL(MOVED, MOVED_BEFORE),
        migrations.CreateModel(
            name="Carriage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("carried_at", models.DateTimeField()),
                ("way", models.CharField(max_length=255)),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField(default=senim.kit.clock.now)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="carriages", to="asoi.message"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("way", ""), _negated=True), name="asoi_carriage_by_some_way"
                    )
                ],
            },
        ),
        migrations.RunSQL(PROTECT, RELEASE),
    ]
