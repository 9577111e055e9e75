import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def keep_what_is_known(apps, schema_editor):
    """Fetches that the archives still tell of. When somebody was taken out was not kept: as if after them, so that
    nobody lacks on a list of recalls."""
    Archive, DeliveryPerson, Fetch = (apps.get_model("exports", name) for name in ("Archive", "DeliveryPerson", "Fetch"))
    for archive in Archive.objects.filter(fetched_at__isnull=False):
        Fetch.objects.create(delivery_id=archive.delivery_id, reader=archive.reader, at=archive.fetched_at)
    DeliveryPerson.objects.filter(taken_out=True).update(taken_out_at=timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0003_recalls'),
    ]

    operations = [
        migrations.CreateModel(
            name='Fetch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.CharField(choices=[('officer', 'Den koblingsansvarlige hos den dataansvarlige'), ('evaluator', 'Evaluator')], max_length=10)),
                ('at', models.DateTimeField()),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fetches', to='exports.delivery')),
            ],
            options={'verbose_name_plural': 'fetches'},
        ),
        migrations.AddField(
            model_name='deliveryperson',
            name='taken_out_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(keep_what_is_known, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='deliveryperson',
            name='taken_out',
        ),
    ]
