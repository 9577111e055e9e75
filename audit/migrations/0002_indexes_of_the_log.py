from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['actor', 'sequence'], name='audit_of_actor'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['action', 'sequence'], name='audit_by_action'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['at'], name='audit_by_time'),
        ),
    ]
