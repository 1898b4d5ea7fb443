"""Why a golden value differs between two moments."""

from __future__ import annotations

import pytest

from mdm.rules.golden import differences
from mdm.rules.golden.differences import Stand

BOTH = ("crm/account//1", "erp/account//1")
CRM = {"key": BOTH[0], "why": "Changed last, on 2026-01-15."}
ERP = {"key": BOTH[1], "why": "erp owns this."}
PINNED = {"key": "", "override": "ada", "why": "Pinned by ada: seen the register"}


@pytest.mark.parametrize(
    ("before", "after", "is_set", "expected"),
    [
        (Stand(CRM, BOTH), Stand(CRM, BOTH), True, "crm/account//1 says something else now. Changed last, on 2026-01-15."),
        (Stand(CRM, BOTH), Stand(ERP, BOTH), True, "erp/account//1 took the place of crm/account//1. erp owns this."),
        (Stand(CRM, BOTH[:1]), Stand(ERP, BOTH), True, "erp/account//1 joined and won over crm/account//1. erp owns this."),
        (Stand(CRM, BOTH), Stand(ERP, BOTH[1:]), True, "crm/account//1 left, erp/account//1 took its place. erp owns this."),
        (
            Stand(CRM, BOTH, 1), Stand(ERP, BOTH, 2), True,
            "Under the rules of release 2, erp/account//1 wins over crm/account//1. erp owns this.",
        ),
        (Stand({}, BOTH[:1]), Stand(ERP, BOTH), True, "erp/account//1 joined. erp owns this."),
        (Stand({}, BOTH), Stand(ERP, BOTH), True, "erp/account//1 says so now. erp owns this."),
        (Stand(CRM, BOTH), Stand({}, BOTH[1:]), False, "crm/account//1 left; no other record has a value."),
        (Stand(CRM, BOTH), Stand({}, BOTH), False, "crm/account//1 has no value any more; no other record has a value."),
        (Stand(CRM, BOTH), Stand(PINNED, BOTH), True, "Pinned by ada: seen the register."),
        (
            Stand(PINNED, BOTH), Stand(CRM, BOTH), True,
            "The value that ada had pinned no longer counts. Changed last, on 2026-01-15.",
        ),
        (Stand(PINNED, BOTH), Stand({}, BOTH), False, "The value that ada had pinned no longer counts."),
    ],
    ids=[
        "another value", "another record", "one joined", "one left", "other rules", "first by a newcomer", "first", "last left",
        "emptied", "pinned", "no longer pinned", "nothing behind the pin",
    ],
)  # fmt: skip
def test_the_reason_names_what_made_the_difference(before, after, is_set, expected):
    assert differences.reason(before, after, is_set=is_set) == expected
