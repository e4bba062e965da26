"""What the lines accepted so far say of the next ones commits with their acceptance."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add it."""

    dependencies = [("telemetry", "0003_seen_once")]

    operations = [migrations.AddField("ledger", "unfinished", models.BinaryField(default=b""))]
