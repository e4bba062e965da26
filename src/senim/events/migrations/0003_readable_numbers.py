"""A number that no reader can hold is refused where it would be written, whoever writes: rows here are for ever."""

from django.db import migrations

BOUND = """
ALTER TABLE events_event ADD CONSTRAINT events_readable_numbers CHECK (NOT jsonb_path_exists(
    payload, '$.** ? (@.type() == "number" && (@ > 9007199254740991 || @ < -9007199254740991))'));
"""
UNBOUND = "ALTER TABLE events_event DROP CONSTRAINT events_readable_numbers;"


class Migration(migrations.Migration):
    """Whole numbers up to 2^53 - 1, as canonical JSON has them."""

    dependencies = [("events", "0002_append_only")]

    operations = [migrations.RunSQL(BOUND, UNBOUND)]
