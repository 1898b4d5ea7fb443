"""What a person likes at the desk. All else is the hub's, so that the API can do it too."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class DeskSettings(models.Model):
    """One person's settings; somebody without a row has the defaults."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="desk_settings"
    )
    theme = models.CharField(max_length=5, default="auto")
    has_shortcuts = models.BooleanField(default=True, help_text="single keys act on the page (WCAG 2.1.4 asks for an off-switch)")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(theme__in=["auto", "light", "dark"]), name="desk_theme_is_known")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.theme}"
