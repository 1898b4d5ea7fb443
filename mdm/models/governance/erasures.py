"""Erasures: a natural person's data taken out of the hub for ever, with a certificate, and the keys that must not come back."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q


class Erasure(models.Model):
    """One erasure, from the request to the certificate, which holds no value of the person.

    `enterprise_ids`: the IDs that answer "erased"; while it is only requested, the one that was asked for. `counts`: what was
    removed, by what it is called in the certificate. `systems`: who sent the person's records, and may hold them still.
    `pointing`: records of others that name the person's keys, which are theirs to change.
    """

    domain = models.CharField(max_length=40)
    regions = ArrayField(models.CharField(max_length=40), default=list)
    enterprise_ids = ArrayField(models.CharField(max_length=24))
    status = models.CharField(max_length=9, default="REQUESTED")
    reason = models.TextField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    systems = ArrayField(models.CharField(max_length=60), default=list)
    pointing = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["REQUESTED", "CONFIRMED", "DONE", "CANCELLED"]), name="erasure_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("requested_by")), name="erasure_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["REQUESTED", "CANCELLED"]) | Q(confirmed_by__isnull=False),
                name="erasure_is_confirmed_before_it_begins",
            ),
        ]
        indexes = [GinIndex(fields=["enterprise_ids"], name="erasure_by_enterprise_id")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.status}"

    @property
    def certificate(self) -> str:
        """The number that the certificate carries."""
        return f"ERA-{self.pk:06d}"


class Suppression(models.Model):
    """One source key that must not come back, known only by its keyed hash; `lifted_at`: since when it may."""

    digest = models.CharField(max_length=64)
    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="suppressions")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], condition=Q(lifted_at=None), name="suppression_stands_once_a_key")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} of erasure {self.erasure_id}"
