"""What could not be taken, kept with its reasons until somebody mends it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

KEY = ["system", "object", "scope", "native_id"]


class QuarantinedRecord(models.Model):
    """One record that was refused; editable and resubmittable.

    One key may wait with several contents: those that came in one batch, or without a whole key. `regions`: where it would
    belong, empty when that cannot be told; then only people who are not confined see it.
    `enterprise_id`: the one it was sent under, besides its payload.
    `system` and `object` are text, not keys: an unknown system is a reason to be here.
    """

    system = models.CharField(max_length=255, blank=True)
    object = models.CharField(max_length=255, blank=True)
    domain = models.CharField(max_length=255, blank=True)
    scope = models.CharField(max_length=255, blank=True)
    native_id = models.CharField(max_length=255, blank=True)
    regions = ArrayField(models.CharField(max_length=40), default=list)
    enterprise_id = models.CharField(max_length=255, blank=True)
    payload = models.JSONField()
    sequence = models.BigIntegerField(null=True)
    source_updated_at = models.DateTimeField(null=True)
    problems = models.JSONField()
    codes = models.JSONField(default=list)
    content_hash = models.CharField(max_length=32)
    status = models.CharField(max_length=12, default="OPEN")
    version = models.PositiveIntegerField(default=1)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[*KEY, "content_hash"], condition=models.Q(status="OPEN"), name="quarantine_open_once_a_content"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["OPEN", "RESUBMITTED", "SUPERSEDED", "DISCARDED"]),
                name="quarantine_status_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="OPEN", closed_at=None)
                | (~models.Q(status="OPEN") & models.Q(closed_at__isnull=False)),
                name="quarantine_closed_has_its_time",
            ),
        ]
        indexes = [models.Index(fields=["-id"], condition=models.Q(status="OPEN"), name="quarantine_open")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.system}/{self.object}/{self.native_id} {self.status}"
