"""Names in one form: what is there is brought into it, and the database holds every name to it from now on."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("identity", "0003_born_by_whom")]

    operations = [
        migrations.RunSQL(
            "UPDATE identity_account SET username = lower(normalize(username, NFKC))", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            model_name="account",
            name="username",
            field=models.CharField(max_length=150, unique=True, verbose_name="user name"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("username__regex", "^[a-z0-9][a-z0-9._@+-]*$")), name="identity_account_name"
            ),
        ),
    ]
