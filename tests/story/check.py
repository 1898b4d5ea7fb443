"""What the summary of a story must say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def check_first_run(summary: Mapping[str, Any]) -> None:
    """What was planted was found and healed, every row holds its ID, exactly the broken records are in quarantine."""
    faults, drift, stamps, quarantine = (summary[name] for name in ("faults", "drift", "stamps", "quarantine"))
    assert summary["first_run"]
    assert faults == {"planted_permanent": 3, "dead_letters": 3, "planted_transient": 5, "dead_after_replay": 0}
    assert drift == {"planted": 12, "found": 12, "left": 0, "open": 0}
    asked_for = summary["split"]["answers"]
    assert len({answer["asked"] for answer in asked_for}) == 1
    assert len({answer["answer"] for answer in asked_for}) == len(asked_for) > 1
    was = summary["as_of"]
    assert 0 < was["records"] < was["records_now"]
    assert was["name"] != was["name_now"]
    assert {"contract", "invoice"} < summary["domains"].keys()
    assert stamps["asked"] > 0
    assert stamps["missing"] == 0
    assert quarantine["expected"] == quarantine["found"] > 0
    assert quarantine["beyond"] == 0
    assert all(count > 0 for count in summary["pushes"].values())
