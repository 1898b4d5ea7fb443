"""Where a refused record would belong, so that people confined to regions see theirs only."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mdm", "0003_quarantine_open_once_a_content")]

    operations = [
        migrations.AddField(
            model_name="quarantinedrecord",
            name="regions",
            field=ArrayField(base_field=models.CharField(max_length=40), default=list, size=None),
        ),
    ]
