"""Rule files as detection reads and sees them, and without which telemetry a rule cannot come true."""

from django.db import migrations, models

import senim.kit.clock


class Migration(migrations.Migration):
    """Add both; how the rules stand is written anew when detection starts."""

    dependencies = [("detection", "0005_due")]

    operations = [
        migrations.AddField("rulestatus", "needs", models.JSONField(default=dict)),
        migrations.CreateModel(
            name="RuleFile",
            fields=[
                ("file", models.CharField(max_length=580, primary_key=True, serialize=False)),
                ("loaded", models.CharField(blank=True, max_length=64)),
                ("found", models.CharField(blank=True, max_length=64)),
                ("since", models.DateTimeField(default=senim.kit.clock.now)),
            ],
            options={"ordering": ["file"]},
        ),
    ]
