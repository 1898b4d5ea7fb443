"""The kinds of change sets are those that somebody writes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0007_history_remembers'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='changeset',
            name='change_set_kind_is_known',
        ),
        migrations.AddConstraint(
            model_name='changeset',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['resolve', 'decision', 'undo'])), name='change_set_kind_is_known'),
        ),
    ]
