"""The connectors as a Django app: at start they report for duty."""

from __future__ import annotations

from django.apps import AppConfig


class Connectors(AppConfig):
    name = "connectors"
    verbose_name = "Concord connectors"

    def ready(self) -> None:
        from connectors import deliver, extract, reconcile, registry
        from mdm import ports

        registry.report()
        ports.handle("sync", deliver.work)
        ports.handle("pull", extract.work)
        ports.handle("reconcile", reconcile.work)
