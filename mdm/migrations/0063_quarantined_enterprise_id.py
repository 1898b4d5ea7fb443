"""A refused record keeps the enterprise ID that it was sent under."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0062_drift_without_run'),
    ]

    operations = [
        migrations.AddField(
            model_name='quarantinedrecord',
            name='enterprise_id',
            field=models.CharField(blank=True, max_length=255),
        ),
    ]
