"""What points at something is found at once, also right after a bulk load: no pending entries, nothing for what points nowhere."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


def by_relation(name):
    return GinIndex(condition=models.Q(('relations', {}), _negated=True), fastupdate=False, fields=['relations'], name=name, opclasses=['jsonb_path_ops'])


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('mdm', '0090_change_requests'),
    ]

    operations = [
        RemoveIndexConcurrently('sourcerecord', 'source_record_by_relation'),
        AddIndexConcurrently('sourcerecord', by_relation('source_record_by_relation')),
        RemoveIndexConcurrently('sourceversion', 'source_version_by_relation'),
        AddIndexConcurrently('sourceversion', by_relation('source_version_by_relation')),
    ]
