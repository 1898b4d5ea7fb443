"""Properties that every kind of value has, on any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.normalise.cleaning.values import KINDS as CLEANED
from matching.normalise.cleaning.values import clean
from matching.normalise.kinds import KINDS, standardised
from matching.types import Column

ANY_TEXT = st.one_of(st.text(max_size=60), st.text(alphabet="0123456789.,/-+() abcxyz@", max_size=40))


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
