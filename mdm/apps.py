"""The hub as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class Hub(AppConfig):
    name = "mdm"
    verbose_name = "Concord hub"
