"""A row that no reader can hold is refused where it would be written, whoever writes: rows here are for ever.

Besides numbers (0003): JSON that nests deeper than a parser follows, and moments that no calendar of a program has.
"""

from django.db import migrations

BOUND = """
ALTER TABLE audit_auditrow ADD CONSTRAINT audit_readable_depth
    CHECK (NOT jsonb_path_exists(detail, '$.**{17 to last}'));
ALTER TABLE audit_auditrow ADD CONSTRAINT audit_readable_moment
    CHECK (at >= '0001-01-02' AND at < '9999-12-31');
"""
UNBOUND = """
ALTER TABLE audit_auditrow DROP CONSTRAINT audit_readable_depth;
ALTER TABLE audit_auditrow DROP CONSTRAINT audit_readable_moment;
"""


class Migration(migrations.Migration):
    """Sixteen levels, our choice: nothing of ours has more than four."""

    dependencies = [("audit", "0003_readable_numbers")]

    operations = [migrations.RunSQL(BOUND, UNBOUND)]
