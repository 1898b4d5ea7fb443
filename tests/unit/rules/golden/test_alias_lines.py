"""Lines of an import of aliases: each is read, or says what is wrong with it."""

from __future__ import annotations

import pytest

from mdm.errors import BadInput
from mdm.rules.golden import alias_lines, enterprise_id
from mdm.rules.golden.alias_lines import Line

NAME = enterprise_id.make("CUS", 1)


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ({"alias": " A-1 ", "enterprise_id": NAME.lower()}, Line(2, "A-1", NAME)),
        ({"alias": 7, "native_id": 4711}, Line(2, "7", key=("crm", "account", "", "4711"))),
        (
            {"alias": "A-1", "system": "erp", "object": "customer", "scope": "uk", "native_id": "1"},
            Line(2, "A-1", key=("erp", "customer", "uk", "1")),
        ),
    ],
    ids=["enterprise ID", "numbers, and places from outside", "a whole key"],
)
def test_a_good_line_is_read(row, line):
    assert alias_lines.read(2, row, system="crm", object="account") == line


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("the row has 9 cells", "unreadable"),
        ({}, "missing"),
        ({"alias": "  ", "enterprise_id": NAME}, "missing"),
        ({"alias": "A"}, "one_of_two"),
        ({"alias": "A", "enterprise_id": NAME, "native_id": "1"}, "one_of_two"),
        ({"alias": "A", "enterprise_id": "CUS-00000000"}, "bad_check_character"),
        ({"alias": "A", "enterprise_id": "nonsense"}, "bad_input"),
        ({"alias": "A", "native_id": "1"}, "missing"),
        ({"alias": "A", "native_id": "1", "system": "crm"}, "missing"),
        ({"alias": "x" * 256, "enterprise_id": NAME}, "bad_text"),
        ({"alias": "a\x00b", "enterprise_id": NAME}, "bad_text"),
        ({"alias": "\udc80", "enterprise_id": NAME}, "bad_text"),
    ],
)
def test_a_bad_line_says_its_number_and_its_cause(row, code):
    found = alias_lines.read(7, row)

    assert found["code"] == code
    assert found["message"].startswith("line 7: ")
    assert found["remedy"]


def test_an_issuer_is_a_short_plain_name():
    assert alias_lines.issuer_of(" Legacy-MDM.2 ") == "legacy-mdm.2"
    for wrong in ("", "a b", "a:b", "x" * 61, "-a", "é", "a\x00"):
        with pytest.raises(BadInput):
            alias_lines.issuer_of(wrong)
