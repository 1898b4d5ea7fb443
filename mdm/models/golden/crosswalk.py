"""The crosswalk: which source record stood for which golden record, and when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Crosswalk(models.Model):
    """A dated membership; `valid_to` None means now, and is exclusive otherwise."""

    record = models.ForeignKey("mdm.SourceRecord", on_delete=models.PROTECT, related_name="homes")
    golden = models.ForeignKey("mdm.Golden", on_delete=models.PROTECT, related_name="members")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    change_set = models.ForeignKey("mdm.ChangeSet", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record"], condition=Q(valid_to=None), name="crosswalk_one_home_a_record"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="crosswalk_ends_after_it_began"
            ),
        ]
        indexes = [models.Index(fields=["golden"], condition=Q(valid_to=None), name="crosswalk_present_members")]

    def __str__(self) -> str:
        return f"#{self.pk} record {self.record_id} in golden {self.golden_id}"
