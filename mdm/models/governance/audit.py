"""The audit chain: who did what, provable."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class AuditEntry(models.Model):
    """One act. No foreign keys: an entry outlives what it speaks of.

    `digest` = SHA-256 over salt, old, new and reason; erasing these leaves it. `chain` = SHA-256 over the previous chain
    value and this entry's other fields, stamped in `position` order by the sequencer. `form` 1: an entry of old, whose
    reason stands in the chain itself and cannot be erased.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    domain = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    correlation = models.CharField(max_length=60, blank=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    form = models.PositiveSmallIntegerField(default=2, db_default=1)
    salt = models.BinaryField(max_length=16, null=True)
    digest = models.BinaryField(max_length=32)
    position = models.BigIntegerField(null=True, unique=True)
    chain = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(position=None, chain=None) | Q(position__isnull=False, chain__isnull=False),
                name="audit_position_and_chain_together",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(position=None), name="audit_to_stamp"),
            models.Index(fields=["subject", "-id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.actor} {self.verb} {self.subject}"
