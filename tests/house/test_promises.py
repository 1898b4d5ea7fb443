"""docs/promises.md names every promise, and its links lead somewhere."""

from __future__ import annotations

import ast
import re

from tests.house import code

PAGE = code.ROOT / "docs" / "promises.md"
PROVEN = {*range(1, 12), 13, 14}
"""P12 comes with the workflows."""


def test_every_link_of_the_page_exists():
    links = re.findall(r"\]\(([^)#]+)\)", PAGE.read_text(encoding="utf-8"))

    assert len(links) > 20
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


def test_every_promise_has_its_row():
    rows = [int(number) for number in re.findall(r"^\| \*\*P(\d+) ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)]

    assert rows == list(range(1, 15))


def test_every_promise_but_those_to_come_has_tests_that_carry_its_number():
    names = [
        node.name
        for path in code.files("tests/hub")
        for node in ast.walk(code.tree(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_p")
    ]
    carried = {int(found[1]) for name in names if (found := re.match(r"test_p(\d+)_", name))}

    assert carried >= PROVEN


def test_a_promise_kept_has_its_own_file_on_the_page():
    text = PAGE.read_text(encoding="utf-8")

    assert [path.name for path in code.files("tests/hub/promises") if path.name not in text] == []
