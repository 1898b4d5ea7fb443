"""Where a relation leads, now or as it was known at a moment; and who ever named a record, for the trees of a past date."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform

# The golden record that a relation's aim leads to: by the crosswalk for a key, by its only live heir for an enterprise ID.
HOME = """
    CREATE FUNCTION mdm_home(aim jsonb, known_at timestamptz DEFAULT NULL) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT home.golden_id
        FROM mdm_sourceobject source
        JOIN mdm_sourcerecord record
          ON record.source_id = source.id AND record.scope = coalesce(aim ->> 'scope', '') AND record.native_id = aim ->> 'native_id'
        JOIN mdm_crosswalk home
          ON home.record_id = record.id AND CASE WHEN known_at IS NULL THEN home.valid_to IS NULL
             ELSE home.valid_from <= known_at AND (home.valid_to IS NULL OR home.valid_to > known_at) END
        WHERE source.system_id = aim ->> 'system' AND source.object = aim ->> 'object'
        UNION ALL
        SELECT min(live.id) FROM (
            WITH RECURSIVE chain (id) AS (
                SELECT golden.id FROM mdm_golden golden WHERE golden.enterprise_id = aim ->> 'enterprise_id'
                UNION
                SELECT heir.id FROM chain
                CROSS JOIN LATERAL (
                    SELECT life.successors FROM mdm_idlife life
                    WHERE life.golden_id = chain.id AND (known_at IS NULL OR life.at <= known_at) ORDER BY life.id DESC LIMIT 1
                ) AS end_of
                JOIN mdm_golden heir ON heir.enterprise_id = ANY(end_of.successors)
            )
            SELECT chain.id FROM chain
            CROSS JOIN LATERAL (
                SELECT life.status FROM mdm_idlife life
                WHERE life.golden_id = chain.id AND (known_at IS NULL OR life.at <= known_at) ORDER BY life.id DESC LIMIT 1
            ) AS end_of
            WHERE end_of.status = 'LIVE'
        ) AS live HAVING count(*) = 1
        LIMIT 1
    $$
"""
NO_HOME = "DROP FUNCTION mdm_home(jsonb, timestamptz)"


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('mdm', '0100_data_quality'),
    ]

    operations = [
        migrations.RunSQL(HOME, NO_HOME),
        AddIndexConcurrently(
            model_name='sourceversion',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('relations', {}), _negated=True), fields=['relations'], name='source_version_by_relation', opclasses=['jsonb_path_ops']),
        ),
        AddIndexConcurrently(
            model_name='idlife',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('status__in', ['MERGED', 'SPLIT'])), fields=['successors'], name='id_life_by_successor'),
        ),
        AddIndexConcurrently(
            model_name='override',
            index=models.Index(KeyTextTransform('enterprise_id', 'value'), models.F('attribute'), name='override_by_parent'),
        ),
    ]
