"""Overrides: values that people pinned, which beat every rule until they end."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform


class Override(models.Model):
    """One pinned value; `value` null pins that there is none. Ended ones stay.

    `golden`: where it was pinned. `carrier`: the live golden record it acts on now, the one that followed `golden` or `golden`
    itself. `ended_by` and `ended_at`: a person released or replaced it, or its time was over; `ended_by_change`: the act.
    """

    golden = models.ForeignKey("mdm.Golden", on_delete=models.PROTECT, related_name="overrides")
    carrier = models.ForeignKey("mdm.Golden", on_delete=models.PROTECT, related_name="carried")
    attribute = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    reason = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="overrides")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    change_set = models.ForeignKey("mdm.ChangeSet", on_delete=models.PROTECT, related_name="overrides")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by_change = models.ForeignKey("mdm.ChangeSet", on_delete=models.PROTECT, null=True, related_name="ended_overrides")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["golden", "attribute"], condition=Q(ended_at=None), name="override_stands_once_an_attribute"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="override_ended_at_and_by_together",
            ),
        ]
        indexes = [
            models.Index(KeyTextTransform("enterprise_id", "value"), "attribute", name="override_by_parent"),
            models.Index(fields=["carrier"], condition=Q(ended_at=None), name="override_by_carrier"),
            models.Index(fields=["expires_at"], condition=Q(ended_at=None, expires_at__isnull=False), name="override_to_expire"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.attribute} of golden {self.golden_id}"
