"""A difference that intake saw belongs to no run of a reconciliation."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0061_id_life_actor'),
    ]

    operations = [
        migrations.AlterField(
            model_name='drift',
            name='first_run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='first_seen', to='mdm.reconcilerun'),
        ),
        migrations.AlterField(
            model_name='drift',
            name='last_run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='last_seen', to='mdm.reconcilerun'),
        ),
    ]
