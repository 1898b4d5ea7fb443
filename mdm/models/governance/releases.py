"""Released versions of domains: numbered, immutable."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class DomainRelease(models.Model):
    """One released version of one domain: its declaration and the match model with its frequency table."""

    domain = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    model = models.JSONField()
    content_hash = models.CharField(max_length=32)
    released_at = models.DateTimeField()
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "number"], name="release_is_numbered_once")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.domain} release {self.number}"
