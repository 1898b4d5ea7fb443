"""Properties that every kind of value has, on any text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.normalise.cleaning.values import KINDS as CLEANED
from matching.normalise.cleaning.values import clean
from matching.normalise.kinds import KINDS, standardised
from matching.types import Column

SCRIPTS = "aeouäöüøåßæ ñşłЖщяООО ΑΕου ال محدودة בע״מ 株式会社銀行 ー주식회사 จำกัด ﷺ㈱Ⅷ½²\u200d\u0301\ud800\udcff"
ANY_TEXT = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789.,/-+() abcxyz@", max_size=40),
    st.text(alphabet=SCRIPTS, max_size=40),
)
TEN_MEGABYTES = 10_000_000


@pytest.mark.timed
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(values=st.lists(st.none() | ANY_TEXT, max_size=6))
def test_standardising_takes_any_text_and_gives_the_same_again(kind, values):
    once, again = (standardised(kind, Column.of(values), Column.of(["DE"] * len(values))) for _ in range(2))

    assert tuple(once) == KINDS[kind].parts
    for part, column in once.items():
        cells = column.cells()
        assert cells == again[part].cells()
        assert all(cell is None or (isinstance(cell, str) and cell) for cell in cells)
        assert all(cell is None for cell, value in zip(cells, values, strict=True) if value is None)


@pytest.mark.timed
@pytest.mark.parametrize("kind", CLEANED)
@settings(max_examples=25, deadline=None)
@given(values=st.lists(st.none() | ANY_TEXT, max_size=6), country=st.sampled_from([None, "DE", "France", "nowhere"]))
def test_cleaning_takes_any_text_and_says_value_or_problem_or_nothing(kind, values, country):
    cleaned = clean(kind, values, country=[country] * len(values))

    for one in cleaned:
        assert one.value is None or one.problem is None
        assert bool(one.problem) == bool(one.message) == bool(one.remedy)


@pytest.mark.timed
@pytest.mark.parametrize(
    "kind", ["organisation_name", "country", "email", "web_domain", "date", "integer", "boolean", "code", "lei"]
)
@settings(max_examples=25, deadline=None)
@given(value=ANY_TEXT)
def test_cleaning_a_clean_value_changes_nothing(kind, value):
    first = clean(kind, [value])[0].value

    if first is not None:
        assert clean(kind, [first])[0].value in {first, None}


@pytest.mark.timed
@pytest.mark.parametrize("kind", ["city", "postcode", "text", "country"])
@settings(max_examples=25, deadline=None)
@given(value=ANY_TEXT)
def test_standardising_a_standard_value_changes_nothing(kind, value):
    first = next(iter(standardised(kind, Column.of([value])).values())).cells()[0]

    if first is not None:
        assert next(iter(standardised(kind, Column.of([first])).values())).cells()[0] in {first, None}


@pytest.mark.timed
@pytest.mark.parametrize("kind", ["city", "postcode", "country", "text", "code", "lei", "duns", "personal_number"])
@settings(max_examples=50, deadline=None)
@given(value=ANY_TEXT)
def test_standardising_any_script_twice_is_standardising_it_once(kind, value):
    first = standardised(kind, Column.of([value]))
    cells = [column.cells()[0] for column in first.values()]

    if cells[0] is not None:
        again = standardised(kind, Column.of([cells[0]]))
        assert next(iter(again.values())).cells()[0] in {cells[0], None}


@pytest.mark.timed
@pytest.mark.parametrize("unit", ["a", "a ", "(", " ", "1", "-", "é", "ж", "株式会社", "aa ue ", "x@", "a.", "\u0301"], ids=ascii)
@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_of_ten_megabytes_ends_quickly(kind, unit):
    cell = unit * (TEN_MEGABYTES // len(unit.encode()))
    began = time.process_time()

    standardised(kind, Column.of([cell]), Column.of(["DE"]))

    assert time.process_time() - began < 1.0
