"""The hub as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class Hub(AppConfig):
    name = "mdm"
    verbose_name = "Concord hub"

    def ready(self) -> None:
        from mdm import ports
        from mdm.celery import app
        from mdm.tasks import (
            clusters,
            erasures,
            expiry,
            findings,
            lapses,
            purges,
            quality,
            refreshes,
            requests,
            resubmissions,
            retention,
            risks,
        )
        from mdm.tasks.governance import plans, rematches
        from mdm.tasks.intake import loads

        app.set_default()  # so that every thread of every process rings the same bell
        ports.handle("cluster", clusters.work)
        ports.handle("findings", findings.work)
        ports.handle("purge", purges.work)
        ports.handle("risk", risks.work)
        ports.handle("refresh", refreshes.work)
        ports.handle("retention", retention.work)
        ports.handle("plan", plans.work)
        ports.handle("rematch", rematches.work)
        ports.handle("quality", quality.work)
        ports.handle("erase", erasures.work)
        ports.handle("resubmit", resubmissions.work)
        ports.handle("lapse", lapses.work)
        ports.handle("expire", expiry.work)
        ports.handle("requests", requests.work)
        ports.handle("loads", loads.work)
