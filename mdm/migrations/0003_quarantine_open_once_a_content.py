"""Two refused records with one key never take each other's place in quarantine."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mdm", "0002_sourcerecord_confirmed_at")]

    operations = [
        migrations.RemoveConstraint(model_name="quarantinedrecord", name="quarantine_open_once_a_key"),
        migrations.AddConstraint(
            model_name="quarantinedrecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "OPEN")),
                fields=("system", "object", "scope", "native_id", "content_hash"),
                name="quarantine_open_once_a_content",
            ),
        ),
    ]
