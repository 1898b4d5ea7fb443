"""The processes of one hub, for the supervisor: database, web, worker, sequencer, scheduler."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from mdm import env
from mdm.supervisor import Child


def hub(beside: Sequence[Child] = ()) -> list[Child]:
    """The hub's processes in the order of their start, stopped in reverse; those `beside` it come after the database."""
    own = [database()] if settings.EMBEDDED_POSTGRES else []
    return [*own, *beside, web(), worker(), sequencer(), scheduler()]


def database() -> Child:
    """Keeps the embedded PostgreSQL; when the supervisor is killed it still stops the server in order."""
    return child("postgres", [*module("mdm.embedded"), str(settings.DATA_FOLDER)], grace=70, orphaned=signal.SIGTERM)


def web() -> Child:
    """Gunicorn: two processes of four threads by default, code loaded before the fork."""
    workers = env.integer("CONCORD_WEB_WORKERS", 2, least=1, most=64)
    threads = env.integer("CONCORD_WEB_THREADS", 4, least=1, most=64)
    address = f"[{settings.BIND}]" if ":" in settings.BIND else settings.BIND
    options = ["--worker-class=gthread", "--preload", "--timeout=60", "--graceful-timeout=10", "--no-control-socket"]
    sizes = [f"--workers={workers}", f"--threads={threads}", f"--bind={address}:{settings.PORT}"]
    return child("web", [*module("gunicorn"), "mdm.wsgi", *sizes, *options, "--log-level=warning"], grace=15)


def worker() -> Child:
    """One Celery worker for all queues; in production start more of them by queue."""
    processes = env.integer("CONCORD_WORKERS", 2, least=1, most=64)
    # On a laptop or in a container root is no accident: -W spares its log the seven lines that say so.
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m", "celery", "--quiet"]
    options = [f"--concurrency={processes}", "--loglevel=WARNING", "--without-heartbeat", "--without-gossip", "--without-mingle"]
    return child("worker", [*python, "-A", "mdm", "worker", *options])


def sequencer() -> Child:
    """Gives committed events their position; whoever holds its advisory lock does it, this one first."""
    return child("sequencer", [*manage(), "sequencer"], grace=10)


def scheduler() -> Child:
    """Celery's beat; it only rings once a second, the schedules are rows."""
    return child("scheduler", [*module("celery"), "--quiet", "-A", "mdm", "beat", "--loglevel=WARNING"], grace=10)


def manage() -> list[str]:
    """The command line up to the name of a management command."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py")]


def module(name: str) -> list[str]:
    """The command line that runs an installed program of this same Python."""
    return [sys.executable, "-m", name]


def child(name: str, command: Sequence[str], environment: Mapping[str, str] | None = None, **how: Any) -> Child:
    """A process that finds our packages from any working folder; `how` as in `Child`."""
    paths = os.pathsep.join(filter(None, (str(settings.BASE_DIR), os.environ.get("PYTHONPATH"))))
    return Child(name, command, {"PYTHONPATH": paths, **(environment or {})}, **how)
