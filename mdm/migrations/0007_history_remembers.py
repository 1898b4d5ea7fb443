"""Versions remember all that a past golden record is computed from; older ones as far as their times tell."""

import django.contrib.postgres.fields
from django.db import migrations, models

SOURCE_VERSIONS = """
    UPDATE mdm_sourceversion AS said SET release = record.release, invalid = record.invalid
    FROM mdm_sourcerecord record WHERE record.id = said.record_id
"""
GOLDEN_VERSIONS = """
    UPDATE mdm_goldenversion AS kept SET member_versions = ARRAY(
        SELECT coalesce((
            SELECT max(said.version) FROM mdm_sourceversion said
            WHERE said.record_id = member.record AND NOT said.is_superseded AND said.recorded_at <= kept.recorded_at
        ), 1)
        FROM unnest(kept.members) WITH ORDINALITY AS member (record, place) ORDER BY member.place)
"""
RELATIONS = """
    UPDATE mdm_goldenversion AS kept SET relations = golden.relations
    FROM mdm_golden golden WHERE golden.id = kept.golden_id AND golden.version = kept.version
"""


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0006_pair_queue_by_weight'),
    ]

    operations = [
        migrations.AddField(
            model_name='goldenversion',
            name='relations',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='goldenversion',
            name='member_versions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name='sourceversion',
            name='invalid',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='sourceversion',
            name='release',
            field=models.PositiveIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.RunSQL(SOURCE_VERSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(GOLDEN_VERSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(RELATIONS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='goldenversion',
            constraint=models.CheckConstraint(condition=models.Q(('members__len', models.F('member_versions__len'))), name='golden_version_knows_each_members_version'),
        ),
        migrations.RemoveIndex(
            model_name='sourceversion',
            name='source_version_by_record',
        ),
        migrations.AddConstraint(
            model_name='sourceversion',
            constraint=models.UniqueConstraint(condition=models.Q(('is_superseded', False)), fields=('record', 'version'), name='source_version_is_numbered_once'),
        ),
    ]
