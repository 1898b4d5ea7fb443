"""What Celery is told for each kind of broker; read in processes of their own, since settings are read once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

import mdm

pytestmark = [pytest.mark.timed, pytest.mark.enable_socket]

SHOW = """
import json
from mdm import settings
print(json.dumps({name: value for name, value in vars(settings).items() if name.startswith("CELERY_")}))
"""


def celery_settings(tmp_path: Path, **environment: str) -> dict[str, Any]:
    rest = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    shown = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**rest, "CONCORD_DATA": str(tmp_path), **environment},
        cwd=Path(mdm.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    settings: dict[str, Any] = json.loads(shown.stdout)
    return settings


def test_without_a_broker_the_queues_are_in_the_hubs_own_postgresql(tmp_path):
    settings = celery_settings(tmp_path)

    options = settings["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert settings["CELERY_BROKER_URL"].startswith("pgmq://")
    assert conninfo_to_dict(options["conn_string"])["host"] == f"{tmp_path}/postgres/socket"
    assert options["visibility_timeout"] > settings["CELERY_TASK_TIME_LIMIT"]


def test_the_default_broker_follows_database_url_with_all_its_options(tmp_path):
    settings = celery_settings(tmp_path, DATABASE_URL="postgresql://ann:pw@db/mdm?sslmode=require")

    kept = conninfo_to_dict(settings["CELERY_BROKER_TRANSPORT_OPTIONS"]["conn_string"])
    assert kept == {"host": "db", "dbname": "mdm", "user": "ann", "password": "pw", "sslmode": "require"}


def test_rabbitmq_gets_quorum_queues_and_confirms_what_it_took(tmp_path):
    settings = celery_settings(tmp_path, CELERY_BROKER_URL="amqp://guest@mq//")

    assert settings["CELERY_BROKER_TRANSPORT_OPTIONS"] == {"confirm_publish": True}
    assert {queue["queue_arguments"]["x-queue-type"] for queue in settings["CELERY_TASK_QUEUES"].values()} == {"quorum"}


def test_redis_gives_a_message_back_later_than_any_task_may_run(tmp_path):
    settings = celery_settings(tmp_path, CELERY_BROKER_URL="redis://cache:6379/0")

    assert settings["CELERY_BROKER_TRANSPORT_OPTIONS"]["visibility_timeout"] > settings["CELERY_TASK_TIME_LIMIT"]


@pytest.mark.parametrize("broker", ["", "amqp://guest@mq//", "redis://cache"])
def test_no_broker_changes_what_makes_tasks_safe(tmp_path, broker):
    settings = celery_settings(tmp_path, CELERY_BROKER_URL=broker)

    assert set(settings["CELERY_TASK_QUEUES"]) == {"critical", "sync", "bulk", "reconcile", "default"}
    assert settings["CELERY_ACCEPT_CONTENT"] == ["json"]
    assert settings["CELERY_TASK_ACKS_LATE"] is settings["CELERY_TASK_RETRY_ON_WORKER_LOST"] is True
    assert settings["CELERY_WORKER_PREFETCH_MULTIPLIER"] == 1
    assert settings["CELERY_TASK_IGNORE_RESULT"] is True
    assert settings["CELERY_TASK_SOFT_TIME_LIMIT"] < settings["CELERY_TASK_TIME_LIMIT"]
    assert settings["CELERY_BEAT_SCHEDULE"]["tick"]["task"] == "mdm.tick"
