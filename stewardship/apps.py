"""The desk as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class Desk(AppConfig):
    name = "stewardship"
    verbose_name = "Stewards' desk"
    default_auto_field = "django.db.models.BigAutoField"
