"""Outages belong to incidents; to which is never changed."""

import django.db.models.deletion
import senim.kit.clock
from django.db import migrations, models

PROTECT = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON incidents_downtime
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON incidents_downtime
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = """
DROP TRIGGER append_only_rows ON incidents_downtime; DROP TRIGGER append_only_table ON incidents_downtime;
"""


class Migration(migrations.Migration):
    """The table and its triggers."""

    dependencies = [
        ('availability', '0002_written_once'),
        ('incidents', '0004_changed_by_acts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Downtime',
            fields=[
                ('outage', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='downtime', serialize=False, to='availability.outage')),
                ('joined_at', models.DateTimeField(default=senim.kit.clock.now)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='downtimes', to='incidents.incident')),
            ],
            options={
                'ordering': ['joined_at', 'pk'],
            },
        ),
        migrations.RunSQL(PROTECT, RELEASE),
    ]
