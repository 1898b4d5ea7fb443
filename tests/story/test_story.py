"""The story of a small sample firm, as `make run ONCE=1` tells it: found is what was planted; told again, nothing changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.hubs import Hub, data_folder, free_port
from tests.story.check import check_first_run

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

STORY = "run_story --scale 0.15"
SECONDS = 300


def tell(data: Path, port: int) -> tuple[dict[str, Any], str]:
    """Run the story once; gives its summary and all that was said."""
    hub = Hub(data, port, "--with-twins", "--once-command", STORY, CONCORD_WORKERS="2")
    try:
        code = hub.process.wait(timeout=SECONDS)
    finally:
        hub.process.kill()
    assert code == 0, hub.log.read_text()[-4_000:]
    return json.loads((data / "summary.json").read_text()), hub.log.read_text()


def test_the_story_finds_what_was_planted_and_told_again_changes_nothing():
    port = free_port()
    with data_folder() as data:
        first, _ = tell(data, port)
        again, said = tell(data, port)

    check_first_run(first)
    assert not again["first_run"]
    assert (again["loaded"]["created"], again["loaded"]["updated"]) == (0, 0)
    assert again["loaded"]["unchanged"] > 1_000
    assert (again["events"], again["pushes"]) == (0, {"salesforce": 0, "netsuite": 0})
    assert (again["stamps"]["missing"], again["drift"]["found"]) == (0, 0)
    assert "Nothing changed: 0 created, 0 updated, 0 events, 0 pushes." in said
    assert [again[part] for part in ("records", "domains", "pushed")] == [
        first[part] for part in ("records", "domains", "pushed")
    ]
