"""The sample firm's whole story through `manage.py up` on the PostgreSQL and the broker of the machine."""

from __future__ import annotations

import json

import pytest

from tests.hubs import Hub, free_port
from tests.services.conftest import NAMED
from tests.story.check import check_first_run

pytestmark = pytest.mark.slow

SECONDS = 900


def test_run_once_tells_the_whole_story_on_services_of_the_machine(data, fresh_database):
    named = {"DATABASE_URL": fresh_database, "CELERY_BROKER_URL": NAMED["CELERY_BROKER_URL"], "CONCORD_WORKERS": "2"}
    hub = Hub(data, free_port(), "--with-twins", "--once-command", "run_story", **named)
    try:
        code = hub.process.wait(timeout=SECONDS)
    finally:
        hub.process.kill()

    assert code == 0, hub.log.read_text()[-4_000:]
    assert not (data / "postgres").exists()
    check_first_run(json.loads((data / "summary.json").read_text()))
