"""A load knows the session that works on it, so that one whose process died is told from one that runs."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('mdm', '0112_change_traces'),
    ]

    # First without a default, so that the loads of before are nobody's.
    operations = [
        migrations.AddField('load', 'session', models.IntegerField(null=True)),
        migrations.AddField('load', 'session_at', models.DateTimeField(null=True)),
        migrations.AlterField(
            'load', 'session', models.IntegerField(db_default=models.Func(function='pg_backend_pid'), null=True)
        ),
        migrations.AlterField('load', 'session_at', models.DateTimeField(db_default=Now(), null=True)),
        AddIndexConcurrently(
            model_name='load',
            index=models.Index(condition=models.Q(('status', 'RUNNING')), fields=['source'], name='load_running'),
        ),
    ]
