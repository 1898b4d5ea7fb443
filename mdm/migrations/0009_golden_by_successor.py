"""An ID that was merged away is found by the one that followed it."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0008_change_set_kinds'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='golden',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('status__in', ['MERGED', 'SPLIT'])), fields=['successors'], name='golden_by_successor'),
        ),
    ]
