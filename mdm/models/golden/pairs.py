"""Match keys and pairs: what may be the same."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class MatchKey(models.Model):
    """One 64-bit match key of one live record; records that share a key are compared.

    The largest table by rows: no number of its own, and no trigger that looks the record up. Source records keep their rows for
    ever, and an invariant finds a key whose record is not live.
    """

    pk = models.CompositePrimaryKey("key", "record")
    key = models.BigIntegerField()
    record = models.ForeignKey("mdm.SourceRecord", on_delete=models.CASCADE, db_constraint=False, related_name="match_keys")

    def __str__(self) -> str:
        return f"#{self.key} of record {self.record_id}"


class MatchPair(models.Model):
    """Two source records that may be the same, from the review level up.

    `weight`: bits, prior included. `probability`: 0..1. `pattern`: one character a comparison, its level.
    `status`: OPEN asks a steward; JOINED, COVERED and BARRED are answered by other facts; SAME, DIFFERENT and
    UNSURE are a person's words.
    """

    domain = models.CharField(max_length=40)
    left = models.ForeignKey("mdm.SourceRecord", on_delete=models.CASCADE, related_name="pairs_as_left")
    right = models.ForeignKey("mdm.SourceRecord", on_delete=models.CASCADE, related_name="pairs_as_right")
    weight = models.FloatField()
    probability = models.FloatField()
    band = models.CharField(max_length=6)
    pattern = models.CharField(max_length=40, blank=True)
    release = models.PositiveIntegerField()
    status = models.CharField(max_length=9, default="OPEN")
    version = models.PositiveIntegerField(default=1)
    found_at = models.DateTimeField()
    risk = models.FloatField(default=0.0, help_text="expected cost of being wrong; the queue's order")
    stake = models.JSONField(null=True, help_text="the money behind both golden records: domain to currency to amount")
    weighed_at = models.DateTimeField(
        null=True, help_text="when risk and stake were worked out; null: not since the pair changed"
    )
    leased_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(left_id__lt=F("right_id")), name="pair_in_order"),
            models.UniqueConstraint(fields=["left", "right"], name="pair_once"),
            models.CheckConstraint(
                condition=Q(status__in=["OPEN", "UNSURE", "SAME", "DIFFERENT", "JOINED", "COVERED", "BARRED"]),
                name="pair_status_is_known",
            ),
            models.CheckConstraint(condition=Q(band__in=["AUTO", "REVIEW", "ASKED"]), name="pair_band_is_known"),
        ]
        indexes = [
            models.Index(fields=["right"], name="pair_by_right"),
            models.Index(fields=["-risk", "-weight", "-id"], condition=Q(status="OPEN"), name="pair_queue"),
            models.Index(fields=["domain", "-risk", "-weight", "-id"], condition=Q(status="OPEN"), name="pair_queue_by_domain"),
            models.Index(fields=["domain", "-risk", "-weight", "-id"], condition=Q(status="UNSURE"), name="pair_queue_unsure"),
            models.Index(fields=["domain", "weighed_at"], condition=Q(status__in=["OPEN", "UNSURE"]), name="pair_to_weigh"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.left_id} ⇄ {self.right_id} {self.status}"
