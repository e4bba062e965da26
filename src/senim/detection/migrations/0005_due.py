"""When what waits for something that may be missing is to be judged stands in a column of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add it, with an index over those that wait."""

    dependencies = [("detection", "0004_markers")]

    operations = [
        migrations.AddField("remembered", "due_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "remembered",
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="detection_remembered_due"),
        ),
    ]
