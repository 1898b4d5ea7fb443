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
    ("tax_id", "J91402501L", "AL", "ALJ91402501L"),
    ("tax_id", "U-132950-X", "AD", "ADU132950X"),
    ("tax_id", "1400057421", "AZ", "AZ1400057421"),
    ("tax_id", "200988541", "BY", "BY200988541"),
    ("tax_id", "3-101-999999", "CR", "CR3101999999"),
    ("tax_id", "1-01-85004-3", "DO", "DO101850043"),
    ("tax_id", "416001000000007", "DZ", "DZ416001000000007"),
    ("tax_id", "1792060346-001", "EC", "EC1792060346001"),
    ("tax_id", "100-531-385", "EG", "EG100531385"),
    ("tax_id", "623857", "FO", "FO623857"),
    ("tax_id", "C0000803561", "GH", "GHC0000803561"),
    ("tax_id", "693770885", "GN", "GN693770885"),
    ("tax_id", "576937-K", "GT", "GT576937K"),
    ("tax_id", "01.300.066.6-091.000", "ID", "ID013000666091000"),
    ("tax_id", "P051365947M", "KE", "KEP051365947M"),
    ("tax_id", "001561191000066", "MA", "MA001561191000066"),
    ("tax_id", "1008600038413", "MD", "MD1008600038413"),
    ("tax_id", "02655284", "ME", "ME02655284"),
    ("tax_id", "4030000375897", "MK", "MK4030000375897"),
    ("tax_id", "400339910", "MZ", "MZ400339910"),
    ("tax_id", "80028061-0", "PY", "PY800280610"),
    ("tax_id", "306 7221", "SN", "SN3067221"),
    ("tax_id", "0614-050707-104-8", "SV", "SV06140507071048"),
    ("tax_id", "1234567/M/A/E/001", "TN", "TN1234567MAE001"),
    ("tax_id", "00501503", "TW", "TW00501503"),
    ("tax_id", "V-11470283-4", "VE", "VEV114702834"),
    ("tax_id", "0100233488", "VN", "VN0100233488"),
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
    ("tax_id", "00501504", "TW", "check_digit"),
    ("tax_id", "200988542", "BY", "check_digit"),
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
