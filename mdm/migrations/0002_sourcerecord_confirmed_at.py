"""When the source last said that a stored state still holds: what is older is out of date."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mdm", "0001_initial")]

    operations = [
        migrations.AddField(model_name="sourcerecord", name="confirmed_at", field=models.DateTimeField(null=True)),
    ]
