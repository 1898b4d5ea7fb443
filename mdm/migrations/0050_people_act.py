"""What people do to golden records: pinned values, acts with their inverse, an undo window a system."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0040_pair_stake'),
    ]

    operations = [
        migrations.CreateModel(
            name='Override',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attribute', models.CharField(max_length=60)),
                ('value', models.JSONField(null=True)),
                ('reason', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='changeset',
            name='change_set_kind_is_known',
        ),
        migrations.AddField(
            model_name='decision',
            name='ended_by_change',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ended_decisions', to='mdm.changeset'),
        ),
        migrations.AddField(
            model_name='goldenversion',
            name='overrides',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name='system',
            name='undo_seconds',
            field=models.PositiveIntegerField(default=30),
        ),
        migrations.AddConstraint(
            model_name='changeset',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['resolve', 'decision', 'merge', 'split', 'move', 'pin', 'release', 'undo', 'unmerge'])), name='change_set_kind_is_known'),
        ),
        migrations.AddField(
            model_name='override',
            name='carrier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='carried', to='mdm.golden'),
        ),
        migrations.AddField(
            model_name='override',
            name='change_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='mdm.changeset'),
        ),
        migrations.AddField(
            model_name='override',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='override',
            name='ended_by_change',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ended_overrides', to='mdm.changeset'),
        ),
        migrations.AddField(
            model_name='override',
            name='golden',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='mdm.golden'),
        ),
        migrations.AddField(
            model_name='override',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='override',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['carrier'], name='override_by_carrier'),
        ),
        migrations.AddIndex(
            model_name='override',
            index=models.Index(condition=models.Q(('ended_at', None), ('expires_at__isnull', False)), fields=['expires_at'], name='override_to_expire'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('golden', 'attribute'), name='override_stands_once_an_attribute'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='override_ended_at_and_by_together'),
        ),
    ]
