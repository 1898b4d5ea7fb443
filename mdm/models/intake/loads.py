"""Loads: a batch of records with its source, its cursor and its counts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

COUNTS = ("received", "created", "updated", "unchanged", "stale", "deleted", "quarantined")


class Load(models.Model):
    """One batch from one source object.

    `session`, `session_at`: which session of PostgreSQL opened it and works on it, and when, by the database's own clock.
    `is_stopped`: that session ended before the load did; readers find out and set it.
    """

    is_stopped = False

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
    session = models.IntegerField(null=True, db_default=models.Func(function="pg_backend_pid"))
    session_at = models.DateTimeField(null=True, db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=["RUNNING", "DONE", "FAILED"]), name="load_status_is_known"),
            models.CheckConstraint(condition=models.Q(way__in=["REST", "FILE", "PULL", "REPAIR"]), name="load_way_is_known"),
        ]
        indexes = [models.Index(fields=["source"], condition=models.Q(status="RUNNING"), name="load_running")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.way} load {self.status}"

    @property
    def state(self) -> str:
        """The status as people are told it."""
        return "STOPPED" if self.is_stopped else self.status
