"""Processes of the hub on the test's own database, to be killed."""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """A Python process of the hub: `start("manage.py", "sequencer")`."""
    return subprocess.Popen([sys.executable, *arguments], cwd=settings.BASE_DIR, env=environment())


def environment() -> dict[str, str]:
    """The environment in which the hub uses the database of this test."""
    known = connection.settings_dict
    parts = {
        "dbname": known["NAME"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "host": known["HOST"],
        "port": known["PORT"],
    }
    address = make_conninfo(**{name: value for name, value in parts.items() if value})
    return {**os.environ, "DATABASE_URL": address, "CELERY_BROKER_URL": "memory://", "CONCORD_DATA": str(settings.DATA_FOLDER)}
