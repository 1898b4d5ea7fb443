"""What every row has that is graded by the quality rules of its domain."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

GRADE = ["quality", "failing", "grade_due_at"]


class Graded(models.Model):
    """`quality`: 0..100, null until it was graded. `failing`: codes of the rules that do not hold.

    `grade_due_at`: when time alone makes another rule fail.
    """

    quality = models.PositiveSmallIntegerField(null=True)
    failing = ArrayField(models.CharField(max_length=60), default=list)
    grade_due_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
