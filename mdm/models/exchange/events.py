"""Events: facts the hub promises to tell, written in the transaction that made them true."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """One fact. `id` is drawn under the golden row's lock; `position` is stamped by the one sequencer after commit.

    `sequence` numbers the events of one golden record without gaps. Where `golden` is None the fact is one of the domain, and
    `sequence` the number of its release.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    type = models.CharField(max_length=80)
    domain = models.CharField(max_length=40)
    golden = models.ForeignKey("mdm.Golden", on_delete=models.PROTECT, null=True, related_name="events")
    enterprise_id = models.CharField(max_length=24, blank=True)
    sequence = models.PositiveIntegerField()
    regions = models.JSONField(default=list)
    data = models.JSONField()
    at = models.DateTimeField()
    position = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["position"], name="event_position_is_unique"),
            models.UniqueConstraint(fields=["golden", "sequence"], name="event_numbered_once_a_golden"),
            models.UniqueConstraint(fields=["domain", "sequence"], condition=Q(golden=None), name="event_once_a_release"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(position=None), name="event_to_stamp"),
            models.Index(fields=["domain", "position"], name="event_by_domain"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.type} {self.enterprise_id or self.sequence}"
