"""Versions of entries."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import senim.kit.clock
import senim.kit.ids


class Migration(migrations.Migration):
    """Versions of entries."""

    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.UUIDField(default=senim.kit.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("register", models.CharField(max_length=40)),
                ("entry", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("facts", models.JSONField()),
                ("review_on", models.DateField()),
                ("is_over", models.BooleanField(default=False)),
                ("reason", models.TextField()),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(default=senim.kit.clock.now)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="register_entries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["entry", "number"],
                "indexes": [models.Index(fields=["register", "entry", "-number"], name="registers_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "number"), name="registers_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="registers_version_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="registers_version_counts_from_one"
                    ),
                ],
            },
        ),
    ]
