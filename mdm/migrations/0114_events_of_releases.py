"""Events may tell of a domain's release instead of a golden record."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0113_load_session'),
    ]

    operations = [
        migrations.AlterField(
            'event', 'enterprise_id', models.CharField(blank=True, max_length=24)
        ),
        migrations.AlterField(
            'event', 'golden',
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='mdm.golden'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(condition=models.Q(('golden', None)), fields=('domain', 'sequence'), name='event_once_a_release'),
        ),
    ]
