"""From when on history is kept, by domain."""

from __future__ import annotations

from django.db import models


class HistoryFloor(models.Model):
    """How far a domain's retention has removed history.

    `golden_from`, `source_from`: what was known, or true, from then on can be asked for; None where nothing was removed.
    `position`: the last place in the event feed that was removed; above it the feed is whole.
    """

    domain = models.CharField(max_length=40, unique=True)
    golden_from = models.DateTimeField(null=True)
    source_from = models.DateTimeField(null=True)
    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"#{self.pk} {self.domain}"
