"""The states of a reconciliation are the database's business too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mdm", "0004_quarantine_regions")]

    operations = [
        migrations.AddConstraint(
            model_name="reconcilerun",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["RUNNING", "DONE", "FAILED"])), name="reconcile_status_is_known"
            ),
        ),
    ]
