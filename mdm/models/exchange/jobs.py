"""Jobs: work that survives every crash. A broker message only rings the bell."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """One piece of work, one row for ever per (kind, key): a new wish supersedes the waiting one.

    A sync task is a job of kind `sync`: "make `target` hold `wanted` (version) of the golden record `subject`".
    `done`: the version that was last done. `lease`: the token of whoever works on it until `leased_until`.
    """

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    target = models.CharField(max_length=60, blank=True)
    subject = models.BigIntegerField(null=True)
    payload = models.JSONField(default=dict)
    wanted = models.BigIntegerField(default=1)
    done = models.BigIntegerField(default=0)
    status = models.CharField(max_length=9, default="QUEUED")
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=80, blank=True)
    error = models.TextField(blank=True)
    exchange = models.JSONField(null=True, help_text="the last request and answer, word for word")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="job_once_a_key"),
            models.CheckConstraint(
                condition=Q(status__in=["QUEUED", "RUNNING", "DONE", "DEAD", "CANCELLED"]), name="job_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status="RUNNING", lease__isnull=False, leased_until__isnull=False)
                | (~Q(status="RUNNING") & Q(lease=None)),
                name="job_lease_only_while_running",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "target", "due_at"], condition=Q(status="QUEUED"), name="job_waiting"),
            models.Index(fields=["leased_until"], condition=Q(status="RUNNING"), name="job_running"),
            models.Index(fields=["target", "-changed_at"], condition=Q(status="DEAD"), name="job_dead"),
            models.Index(fields=["subject"], condition=Q(kind="sync"), name="job_of_golden"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.key} {self.status}"
