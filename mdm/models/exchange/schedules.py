"""Schedules as rows with unique ticks, so that any number of beats is safe."""

from __future__ import annotations

from django.db import models


class Schedule(models.Model):
    """Work that comes due every `every_seconds`, counted from `starts_at`."""

    name = models.CharField(primary_key=True, max_length=80)
    kind = models.CharField(max_length=20)
    target = models.CharField(max_length=120, blank=True)
    every_seconds = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    is_enabled = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(every_seconds__gte=1), name="schedule_every_second_at_most"),
        ]

    def __str__(self) -> str:
        return f"#{self.name} every {self.every_seconds} s"


class ScheduleTick(models.Model):
    """One tick of one schedule, taken by whoever inserted it."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="ticks")
    tick = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "tick"], name="schedule_tick_once")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.schedule_id} tick {self.tick}"
