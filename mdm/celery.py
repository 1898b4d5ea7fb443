"""The Celery application: messages are doorbells, the work is in PostgreSQL."""

from __future__ import annotations

import os
from threading import Event, Thread

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mdm.settings")

app = Celery("mdm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["mdm", "connectors"])

_stop = Event()


def _prepare_broker(**_later: object) -> None:
    """The stock commands `celery -A mdm worker` and `… beat` must find a broker, whoever started first."""
    from mdm.postgres import broker  # needs settings

    broker.prepare()


def _stand_by_as_sequencer(**_later: object) -> None:
    """A worker alone is a complete hub: it stamps event positions whenever nobody else holds the sequencer's lock."""
    from mdm.actions.exchange.sequence import run_forever  # needs settings

    Thread(target=run_forever, args=(_stop,), name="sequencer", daemon=True).start()


def _stop_sequencing(**_later: object) -> None:
    _stop.set()


signals.worker_init.connect(_prepare_broker)
signals.beat_init.connect(_prepare_broker)
signals.worker_ready.connect(_stand_by_as_sequencer)
signals.worker_shutting_down.connect(_stop_sequencing)
