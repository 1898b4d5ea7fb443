"""Findings: what does not fit between golden records and is left to a person."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0080_relations_in_time'),
    ]

    operations = [
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('domain', models.CharField(max_length=40)),
                ('kind', models.CharField(max_length=20)),
                ('relation', models.CharField(max_length=60)),
                ('place', models.TextField(blank=True)),
                ('detail', models.JSONField(default=dict)),
                ('status', models.CharField(default='OPEN', max_length=8)),
                ('first_seen_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('golden', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='mdm.golden')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('status', 'CLOSED'), _negated=True), fields=['domain', 'last_seen_at'], name='finding_standing'),
                    models.Index(fields=['status', '-id'], name='finding_by_status'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('status', 'CLOSED'), _negated=True), fields=('golden', 'kind', 'relation', 'place'), name='finding_open_once'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'ACCEPTED', 'CLOSED'])), name='finding_status_is_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('status', 'CLOSED')), models.Q(models.Q(('status', 'CLOSED'), _negated=True), ('closed_at', None)), _connector='OR'), name='finding_closed_at_when_closed'),
                ],
            },
        ),
    ]
