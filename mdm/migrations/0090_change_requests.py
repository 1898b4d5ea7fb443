"""Change requests with their comments, and values that the machine freezes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0101_erasure'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('domain', models.CharField(max_length=40)),
                ('kind', models.CharField(max_length=8)),
                ('attribute', models.CharField(max_length=60)),
                ('value', models.JSONField(null=True)),
                ('value_hash', models.CharField(max_length=32)),
                ('old_value', models.JSONField(null=True)),
                ('system', models.CharField(blank=True, max_length=60)),
                ('reason', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('status', models.CharField(default='OPEN', max_length=9)),
                ('version', models.PositiveIntegerField(default=1)),
                ('first_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(blank=True)),
                ('money', models.FloatField(default=0.0)),
                ('stake', models.JSONField(null=True)),
                ('weighed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='RequestComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('text', models.TextField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='changeset',
            name='change_set_kind_is_known',
        ),
        migrations.AddConstraint(
            model_name='changeset',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['resolve', 'decision', 'merge', 'split', 'move', 'pin', 'release', 'undo', 'unmerge', 'freeze'])), name='change_set_kind_is_known'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='closed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='first_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='golden',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='change_requests', to='mdm.golden'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='override',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='change_requests', to='mdm.override'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='record',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='change_requests', to='mdm.sourcerecord'),
        ),
        migrations.AddField(
            model_name='requestcomment',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='requestcomment',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='mdm.changerequest'),
        ),
        migrations.AddIndex(
            model_name='changerequest',
            index=models.Index(condition=models.Q(('status__in', ['OPEN', 'APPROVED'])), fields=['-money', 'id'], name='change_request_queue'),
        ),
        migrations.AddIndex(
            model_name='changerequest',
            index=models.Index(condition=models.Q(('status__in', ['OPEN', 'APPROVED'])), fields=['expires_at'], name='change_request_to_expire'),
        ),
        migrations.AddIndex(
            model_name='changerequest',
            index=models.Index(condition=models.Q(('status__in', ['OPEN', 'APPROVED'])), fields=['domain', 'weighed_at'], name='change_request_to_weigh'),
        ),
        migrations.AddConstraint(
            model_name='changerequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['OPEN', 'APPROVED']), models.Q(('kind', 'CONTEST'), _negated=True)), fields=('golden', 'attribute', 'value_hash'), name='change_request_waits_once_a_value'),
        ),
        migrations.AddConstraint(
            model_name='changerequest',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['SYSTEM', 'PERSON', 'CONTEST'])), name='change_request_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='changerequest',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'APPROVED', 'APPLIED', 'MET', 'WITHDRAWN', 'REFUSED', 'EXPIRED'])), name='change_request_status_is_known'),
        ),
        migrations.AddConstraint(
            model_name='changerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['OPEN', 'APPROVED']), ('closed_at', None), ('closed_by', None)), models.Q(models.Q(('status__in', ['OPEN', 'APPROVED']), _negated=True), ('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='change_request_closed_at_and_by_together'),
        ),
        migrations.AddConstraint(
            model_name='changerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_at', None), ('first_by', None)), models.Q(('first_at__isnull', False), ('first_by__isnull', False)), _connector='OR'), name='change_request_first_at_and_by_together'),
        ),
    ]
