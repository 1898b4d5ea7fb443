"""Bulk resubmissions: many quarantined records sent in again, after a rule or a source was mended."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Resubmission(models.Model):
    """One run over what waited under a cause, system and domain; an empty one is no limit.

    It goes up to `until`, the last that waited when it began, and stands at `after`. `taken`: came in; `refused`: still bad;
    `passed`: closed by somebody else meanwhile, or outside what the person may write.
    """

    code = models.CharField(max_length=80, blank=True)
    system = models.CharField(max_length=255, blank=True)
    domain = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=7, default="RUNNING")
    until = models.BigIntegerField()
    after = models.BigIntegerField(default=0)
    expected = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)
    reason = models.TextField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["RUNNING", "DONE"]), name="resubmission_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="RUNNING", ended_at=None) | Q(status="DONE", ended_at__isnull=False),
                name="resubmission_ended_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.status}"

    @property
    def done(self) -> int:
        return self.taken + self.refused + self.passed
