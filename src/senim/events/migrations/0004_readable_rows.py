"""A row that no reader can hold is refused where it would be written, whoever writes: rows here are for ever.

Besides numbers (0003): JSON that nests deeper than a parser follows, and moments that no calendar of a program has.
"""

from django.db import migrations

BOUND = """
ALTER TABLE events_event ADD CONSTRAINT events_readable_depth
    CHECK (NOT jsonb_path_exists(payload, '$.**{17 to last}'));
ALTER TABLE events_event ADD CONSTRAINT events_readable_moment
    CHECK (at >= '0001-01-02' AND at < '9999-12-31');
"""
UNBOUND = """
ALTER TABLE events_event DROP CONSTRAINT events_readable_depth;
ALTER TABLE events_event DROP CONSTRAINT events_readable_moment;
"""


class Migration(migrations.Migration):
    """Sixteen levels, our choice: nothing of ours has more than four."""

    dependencies = [("events", "0003_readable_numbers")]

    operations = [migrations.RunSQL(BOUND, UNBOUND)]
