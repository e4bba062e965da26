"""An exercise says beforehand whether anything is to come of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add it."""

    dependencies = [("incidents", "0005_downtime")]

    operations = [migrations.AddField("exercise", "is_near_miss", models.BooleanField(default=False))]
