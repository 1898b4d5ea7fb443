"""The state diagrams in docs/diagrams are those of the rules."""

from __future__ import annotations

import ast

import pytest

from tests.house import diagrams

RULES = diagrams.FOLDER.parents[1] / "mdm" / "rules"


@pytest.mark.parametrize("name", diagrams.MACHINES)
def test_a_diagram_equals_its_table(name):
    drawn = (diagrams.FOLDER / f"{name}.md").read_text(encoding="utf-8")

    assert drawn == diagrams.text(name), "run `python -m tests.house.diagrams`"


def test_there_is_a_diagram_for_every_state_machine_and_no_other():
    assert {path.stem for path in diagrams.FOLDER.glob("*.md")} == set(diagrams.MACHINES)


def test_every_table_of_arrows_is_drawn():
    tables = {
        (path.stem, target.id)
        for path in RULES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.AnnAssign) and isinstance(target := node.target, ast.Name) and target.id.endswith("ARROWS")
    }

    assert len(tables) == sum(len(arrows) for _, _, arrows in diagrams.MACHINES.values())
