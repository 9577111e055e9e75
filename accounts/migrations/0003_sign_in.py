from django.core.management import call_command
from django.db import migrations, models


def make_table_of_limits(apps, schema_editor):
    """Of the cache that counts guesses (CACHES in the settings); it has no model."""
    call_command("createcachetable", "accounts_limits", database=schema_editor.connection.alias)


def drop_table_of_limits(apps, schema_editor):
    schema_editor.execute("DROP TABLE accounts_limits")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_invitation'),
    ]

    operations = [
        migrations.RunPython(make_table_of_limits, drop_table_of_limits),
        migrations.AddField(
            model_name='user',
            name='oidc_subject',
            field=models.CharField(blank=True, max_length=191, null=True, unique=True),
        ),
    ]
