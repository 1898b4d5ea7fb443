"""What retention leaves of the golden versions that change sets made, so that these can be taken back for ever."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0110_relations_at_once'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeTrace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('members', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('change_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='traces', to='mdm.changeset')),
                ('golden', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='traces', to='mdm.golden')),
            ],
        ),
    ]
