"""Deliveries: what a target's row holds since our last push."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Delivery(models.Model):
    """The last push to one source record in its own system, read back.

    `sent` and `held`: canonical attributes, what we sent and what the target showed afterwards; both are how an echo
    is recognised, `echo_hash` the content hash of that echo. `enterprise_id`: the ID the target showed.
    """

    record = models.OneToOneField("mdm.SourceRecord", on_delete=models.CASCADE, related_name="delivery")
    golden = models.ForeignKey("mdm.Golden", on_delete=models.PROTECT, related_name="deliveries")
    golden_version = models.PositiveIntegerField()
    enterprise_id = models.CharField(max_length=24, blank=True)
    sent = models.JSONField()
    held = models.JSONField()
    echo_hash = models.CharField(max_length=32)
    outcome = models.CharField(max_length=12)
    at = models.DateTimeField()
    pushes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "normalised", "overwritten", "rejected", "stale"]),
                name="delivery_outcome_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} record {self.record_id} {self.outcome}"
