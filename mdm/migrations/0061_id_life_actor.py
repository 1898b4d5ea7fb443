"""Every event in the life of an enterprise ID names who did it; older ones do not know."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0060_reserved_and_aliased_ids'),
    ]

    operations = [
        migrations.AddField(
            model_name='idlife',
            name='actor',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
