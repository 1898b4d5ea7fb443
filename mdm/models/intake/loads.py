"""Loads: a batch of records with its source, its cursor and its counts."""

from __future__ import annotations

from django.conf import settings
from django.db import models

COUNTS = ("received", "created", "updated", "unchanged", "stale", "deleted", "quarantined")


class Load(models.Model):
    """One batch from one source object."""

    source = models.ForeignKey("mdm.SourceObject", on_delete=models.PROTECT, related_name="loads")
    way = models.CharField(max_length=10)
    status = models.CharField(max_length=10, default="RUNNING")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expected = models.PositiveIntegerField(null=True)
    received = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    stale = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=["RUNNING", "DONE", "FAILED"]), name="load_status_is_known"),
            models.CheckConstraint(condition=models.Q(way__in=["REST", "FILE", "PULL", "REPAIR"]), name="load_way_is_known"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.way} load {self.status}"
