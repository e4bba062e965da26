"""Where counters of failed attempts stand: the table that Django's database cache reads and writes."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("identity", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE identity_attempts (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX identity_attempts_expires ON identity_attempts (expires);
            """,
            "DROP TABLE identity_attempts",
        ),
    ]
