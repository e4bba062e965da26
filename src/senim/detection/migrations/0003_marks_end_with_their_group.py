"""Removing a group removes its marks, in the database itself: one statement however many there are."""

from django.db import migrations

TIE = """
ALTER TABLE detection_rememberedmark ADD CONSTRAINT detection_marks_end_with_their_group
    FOREIGN KEY (group_id) REFERENCES detection_remembered (id) ON DELETE CASCADE;
"""
UNTIE = "ALTER TABLE detection_rememberedmark DROP CONSTRAINT detection_marks_end_with_their_group;"


class Migration(migrations.Migration):
    """Tie marks to groups."""

    dependencies = [("detection", "0002_append_only")]

    operations = [migrations.RunSQL(TIE, UNTIE)]
