"""Change sets: every act that moved records between golden records, with its exact inverse."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from mdm.rules.golden.change_kinds import ChangeKind


class ChangeSet(models.Model):
    """One act, of one of the kinds that the rules list (`ChangeKind`).

    `moves`: [{"record", "from", "to"}] by id, None where a side is nothing. `lives`: [{"golden", "from", "to"}] status
    changes of enterprise IDs. Read backwards they are the inverse.
    """

    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="change_sets")
    reason = models.TextField(blank=True)
    domain = models.CharField(max_length=40)
    moves = models.JSONField(default=list)
    lives = models.JSONField(default=list)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in ChangeKind]), name="change_set_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class ChangeTrace(models.Model):
    """What retention leaves of a golden version that a change set made: whose it was, and its members right after.

    With these a change set can be shown and taken back for ever; of the values nothing is left.
    """

    change_set = models.ForeignKey(ChangeSet, on_delete=models.PROTECT, related_name="traces")
    golden = models.ForeignKey("mdm.Golden", on_delete=models.PROTECT, related_name="traces")
    members = ArrayField(models.BigIntegerField(), default=list)

    def __str__(self) -> str:
        return f"#{self.pk} golden {self.golden_id} in change {self.change_set_id}"
