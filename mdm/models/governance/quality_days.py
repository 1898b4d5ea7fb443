"""How good the data was, day by day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class QualityDay(models.Model):
    """One figure of one night. `system` empty: the domain's golden records; else that system's live records.

    `rule` empty: all rules; `score` is then the mean of the records' scores, else the share of them that keeps the rule; 0..100.
    `rules`: the hash of the rules that were in force.
    """

    domain = models.CharField(max_length=40)
    system = models.CharField(max_length=60, blank=True)
    rule = models.CharField(max_length=60, blank=True)
    day = models.DateField()
    records = models.PositiveIntegerField()
    failing = models.PositiveIntegerField()
    score = models.FloatField()
    rules = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain", "system", "rule", "day"], name="quality_one_figure_a_day"),
            models.CheckConstraint(condition=Q(score__range=(0, 100)), name="quality_score_is_0_to_100"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.domain} {self.day}"
