from django.db import migrations, models
from django.db.models import F


def active_since_made(apps, schema_editor):
    apps.get_model("crypto", "DataKey").objects.update(active_at=F("created_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('crypto', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='datakey',
            name='active_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(active_since_made, migrations.RunPython.noop),
    ]
