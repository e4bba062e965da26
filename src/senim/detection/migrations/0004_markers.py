"""The marker of an exercise stands in a column of its own: not every attack has an account to wear it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add it."""

    dependencies = [("detection", "0003_marks_end_with_their_group")]

    operations = [migrations.AddField("alert", "marker", models.CharField(blank=True, max_length=64))]
