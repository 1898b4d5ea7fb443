"""Decisions: a steward's word on two records, which no machine overrides."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Decision(models.Model):
    """`SAME` is a must-link, `DIFFERENT` a cannot-link, `UNSURE` asks somebody else. Undone ones stay.

    `ended_by_change`: the act that set it aside, so that undoing the act brings it back.
    """

    left = models.ForeignKey("mdm.SourceRecord", on_delete=models.PROTECT, related_name="+")
    right = models.ForeignKey("mdm.SourceRecord", on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=9)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    change_set = models.ForeignKey("mdm.ChangeSet", on_delete=models.PROTECT, related_name="decisions")
    ended_by_change = models.ForeignKey("mdm.ChangeSet", on_delete=models.PROTECT, null=True, related_name="ended_decisions")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(left_id__lt=F("right_id")), name="decision_in_order"),
            models.UniqueConstraint(fields=["left", "right"], condition=Q(undone_at=None), name="decision_stands_once_a_pair"),
            models.CheckConstraint(condition=Q(verdict__in=["SAME", "DIFFERENT", "UNSURE"]), name="decision_verdict_is_known"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="decision_undone_at_and_by_together",
            ),
        ]
        indexes = [
            models.Index(fields=["right"], condition=Q(undone_at=None), name="decision_by_right"),
            models.Index(fields=["decided_by", "-id"], name="decision_recent"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.left_id} ⇄ {self.right_id} {self.verdict}"
