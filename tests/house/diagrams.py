"""Draws the state machines of the rules; `python -m tests.house.diagrams` writes them to docs/diagrams."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from mdm.rules.exchange import drift, job_states
from mdm.rules.golden import golden_states, pair_states, reservation_states
from mdm.rules.golden.kin import findings
from mdm.rules.governance import request_states
from mdm.rules.governance.privacy import erasure_states
from mdm.rules.governance.releasing import release_states
from mdm.rules.intake import load_states, quarantine_states

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "diagrams"

Arrows = Mapping[str, frozenset[str]]

MACHINES: dict[str, tuple[str, str, dict[str, Arrows]]] = {
    "load": ("A load", "RUNNING", {"": load_states.ARROWS}),
    "quarantine": ("A quarantined record", "OPEN", {"": quarantine_states.ARROWS}),
    "pair": ("A pair", "OPEN", {"person": pair_states.ARROWS, "machine": pair_states.MACHINE_ARROWS}),
    "golden": ("A golden record and its enterprise ID", "LIVE", {"": golden_states.ARROWS}),
    "reservation": ("A reserved enterprise ID", "RESERVED", {"": reservation_states.ARROWS}),
    "job": ("A job", "QUEUED", {"": job_states.ARROWS}),
    "erasure": ("An erasure", "REQUESTED", {"": erasure_states.ARROWS}),
    "finding": ("A finding", "OPEN", {"": findings.ARROWS}),
    "release": ("A release", "PLANNING", {"": release_states.ARROWS}),
    "change_request": ("A change request", "OPEN", {"": request_states.ARROWS}),
    "drift": ("A drift", "OPEN", {"": drift.ARROWS}),
}
"""File name to title, first state, and the tables of arrows by who may follow them."""


def text(name: str) -> str:
    """The page of one machine, in Mermaid."""
    title, first, tables = MACHINES[name]
    lines = [f"    [*] --> {first}"]
    for who, arrows in tables.items():
        label = f" : {who}" if who else ""
        lines += [f"    {old} --> {new}{label}" for old in _in_order(arrows) for new in _in_order(arrows[old])]
    meaning = " ".join((type(next(iter(next(iter(tables.values()))))).__doc__ or "").split())
    about = f"{meaning}\n\n" if meaning else ""
    drawn = "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])
    return f"# {title}\n\n{about}{drawn}\n\nDrawn from the rules by `python -m tests.house.diagrams`.\n"


def _in_order(states: Collection[str]) -> list[str]:
    """States in the order in which the rules declare them."""
    return [state for state in (type(next(iter(states))) if states else ()) if state in states]


def write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in MACHINES:
        (FOLDER / f"{name}.md").write_text(text(name), encoding="utf-8")


if __name__ == "__main__":
    write()
