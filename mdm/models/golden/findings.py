"""Findings: what does not fit between golden records, from the night that first saw it until it is gone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Finding(models.Model):
    """One thing about a golden record's relations that a person should look at.

    `relation`: its name. `place`: what tells two findings of one kind apart, such as a scope, or empty. `detail`: what was
    seen, by kind; an accepted finding whose detail changes is open again.
    """

    domain = models.CharField(max_length=40)
    golden = models.ForeignKey("mdm.Golden", on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=20)
    relation = models.CharField(max_length=60)
    place = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    status = models.CharField(max_length=8, default="OPEN")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["golden", "kind", "relation", "place"], condition=~Q(status="CLOSED"), name="finding_open_once"
            ),
            models.CheckConstraint(condition=Q(status__in=["OPEN", "ACCEPTED", "CLOSED"]), name="finding_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="CLOSED", closed_at__isnull=False) | (~Q(status="CLOSED") & Q(closed_at=None)),
                name="finding_closed_at_when_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["domain", "last_seen_at"], condition=~Q(status="CLOSED"), name="finding_standing"),
            models.Index(fields=["status", "-id"], name="finding_by_status"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} of golden {self.golden_id}"
