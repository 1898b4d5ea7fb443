"""Canonical values for golden records, and what is said of bad ones."""

import pytest

from matching.errors import BadInput
from matching.normalise.cleaning.values import clean

GOOD = [
    ("organisation_name", "  Acme   GmbH ", None, "Acme GmbH"),
    ("country", "Germany", None, "DE"),
    ("country", "usa", None, "US"),
    ("phone", "(030) 123456", "DE", "+4930123456"),
    ("phone", "0049 30 123456", None, "+4930123456"),
    ("email", "Jane@ACME.com", None, "jane@acme.com"),
    ("web_domain", "https://www.Acme.com/about", None, "acme.com"),
    ("web_domain", "shop.acme.co.uk", None, "shop.acme.co.uk"),
    ("postcode", "sw1a1aa", "GB", "SW1A 1AA"),
    ("postcode", "10115", "DE", "10115"),
    ("tax_id", "DE 136 695 976", None, "DE136695976"),
    ("tax_id", "136695976", "DE", "DE136695976"),
    ("tax_id", "EL 094259216", None, "EL094259216"),
    ("tax_id", "094259216", "Greece", "EL094259216"),
    ("tax_id", "54-9167970", "US", "US549167970"),
    ("tax_id", "CHE-100.155.212", None, "CHE100155212"),
    ("tax_id", "12345", "BS", "BS12345"),
    ("tax_id", "123456", None, "123456"),
    ("lei", "5493001KJTIIGC8Y1R12", None, "5493001KJTIIGC8Y1R12"),
    ("duns", "15-048-3782", None, "150483782"),
    ("registration_no", "hrb 123", None, "HRB 123"),
    ("currency", "€", None, "EUR"),
    ("currency", "usd", None, "USD"),
    ("date", "24.6.1971", None, "1971-06-24"),
    ("date", "12/31/2025", None, "2025-12-31"),
    ("integer", "1,200", None, "1200"),
    ("integer", "0", None, "0"),
    ("decimal", "1.200,50", None, "1200.5"),
    ("decimal", "1200", None, "1200"),
    ("boolean", "Ja", None, "true"),
    ("boolean", "no", None, "false"),
    ("code", "prj-01", None, "PRJ-01"),
    ("text", "a\nb", None, "a b"),
]
NOTHING = ["N/A", "none", "-", "Test", "000", "0000000", "unknown", "", "   "]
BAD = [
    ("tax_id", "DE136695977", None, "check_digit"),
    ("tax_id", "X1", None, "bad_format"),
    ("tax_id", "DE12345", "DE", "bad_format"),
    ("lei", "5493001KJTIIGC8Y1R13", None, "check_digit"),
    ("lei", "ABC", None, "bad_format"),
    ("duns", "12", None, "bad_format"),
    ("registration_no", "abc", None, "bad_format"),
    ("phone", "030 123456", None, "country_needed"),
    ("phone", "12", "US", "bad_phone"),
    ("email", "jane at acme", None, "bad_email"),
    ("email", "a..b@acme.com", None, "bad_email"),
    ("web_domain", "acme", None, "bad_domain"),
    ("postcode", "12#45", None, "bad_postcode"),
    ("postcode", "12345678901234567", None, "bad_postcode"),
    ("country", "Atlantis", None, "unknown_country"),
    ("currency", "Taler", None, "unknown_currency"),
    ("date", "3/4/2026", None, "ambiguous_date"),
    ("date", "2026-02-30", None, "bad_date"),
    ("date", "soon", None, "bad_date"),
    ("integer", "1.5", None, "not_an_integer"),
    ("decimal", "many", None, "not_a_number"),
    ("boolean", "perhaps", None, "not_a_boolean"),
    ("text", "a\0b", None, "control_character"),
    ("text", "a\x07b", None, "control_character"),
    ("text", "x" * 5000, None, "too_long"),
    ("city", "x" * 501, None, "too_long"),
    ("city", "\udcff", None, "control_character"),
]


@pytest.mark.parametrize(("kind", "value", "country", "expected"), GOOD, ids=[f"{k}:{v!a}" for k, v, *_ in GOOD])
def test_a_good_value_becomes_canonical(kind, value, country, expected):
    assert clean(kind, [value], country=[country])[0].value == expected


@pytest.mark.parametrize("value", NOTHING)
@pytest.mark.parametrize("kind", ["organisation_name", "city", "phone", "tax_id"])
def test_a_placeholder_is_no_value_and_no_problem(kind, value):
    cleaned = clean(kind, [value, None])

    assert [(one.value, one.problem) for one in cleaned] == [(None, None), (None, None)]


@pytest.mark.parametrize(("kind", "value", "country", "problem"), BAD, ids=[f"{k}:{v[:12]!a}" for k, v, *_ in BAD])
def test_a_bad_value_says_what_is_wrong_and_what_to_do(kind, value, country, problem):
    cleaned = clean(kind, [value], country=[country])[0]

    assert (cleaned.value, cleaned.problem) == (None, problem)
    assert cleaned.message.endswith(".")
    assert cleaned.remedy.endswith(".")


def test_an_unknown_kind_is_refused():
    with pytest.raises(BadInput, match="no kind 'colour'"):
        clean("colour", ["red"])


def test_hints_must_be_as_many_as_values():
    with pytest.raises(BadInput, match="2 values and 1 countries"):
        clean("phone", ["1", "2"], country=["DE"])
