"""The drift ledger: differences that reconciliation found between the hub and a system."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ReconcileRun(models.Model):
    """One full comparison of one source object; `cursor` lets a stopped one go on."""

    source = models.ForeignKey("mdm.SourceObject", on_delete=models.PROTECT, related_name="runs")
    status = models.CharField(max_length=8, default="RUNNING")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    cursor = models.TextField(blank=True)
    compared = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    healing = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(status="RUNNING"), name="reconcile_one_run_a_source"),
            models.CheckConstraint(condition=Q(status__in=["RUNNING", "DONE", "FAILED"]), name="reconcile_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.status}"


class ReconcileSeen(models.Model):
    """A record that the run's pages have shown; gone when the run is over."""

    run = models.ForeignKey(ReconcileRun, on_delete=models.CASCADE, related_name="seen")
    record = models.ForeignKey("mdm.SourceRecord", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "record"], name="reconcile_seen_once_a_run")]

    def __str__(self) -> str:
        return f"#{self.pk} record {self.record_id} in run {self.run_id}"


class Drift(models.Model):
    """One difference, from the run that first saw it until it is gone; what intake saw has no run."""

    source = models.ForeignKey("mdm.SourceObject", on_delete=models.PROTECT, related_name="drifts")
    record = models.ForeignKey("mdm.SourceRecord", on_delete=models.CASCADE, null=True, related_name="drifts")
    scope = models.CharField(max_length=255, blank=True)
    native_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=20)
    attribute = models.CharField(max_length=60, blank=True)
    expected = models.JSONField(null=True)
    actual = models.JSONField(null=True)
    status = models.CharField(max_length=8, default="OPEN")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    seen = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True)
    first_run = models.ForeignKey(ReconcileRun, on_delete=models.PROTECT, null=True, related_name="first_seen")
    last_run = models.ForeignKey(ReconcileRun, on_delete=models.PROTECT, null=True, related_name="last_seen")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "scope", "native_id", "kind", "attribute"],
                condition=Q(status__in=["OPEN", "HEALING"]),
                name="drift_open_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["OPEN", "HEALING", "HEALED", "IGNORED"]), name="drift_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.native_id} {self.status}"
