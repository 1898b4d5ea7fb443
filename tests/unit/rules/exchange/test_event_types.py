from __future__ import annotations

import pytest

from mdm.rules.exchange.event_types import MEANINGS, Fact, event_type, parts, types


def test_a_type_names_product_domain_fact_and_version():
    assert event_type("legal_entity", Fact.MERGED) == "concord.legal_entity.merged.v1"
    assert event_type("customer", "split") == "concord.customer.split.v1"


def test_a_fact_that_is_none_of_ours_is_refused():
    with pytest.raises(ValueError, match="eaten"):
        event_type("customer", "eaten")


@pytest.mark.parametrize("fact", Fact)
def test_parts_reads_what_event_type_writes(fact):
    assert parts(event_type("legal_entity", fact)) == ("legal_entity", fact)


@pytest.mark.parametrize(
    "type", ["", "concord.customer.merged.v2", "concord.customer.eaten.v1", "concord..merged.v1", "x.concord.a.split.v1"]
)
def test_other_types_are_none_of_ours(type):
    assert parts(type) is None


def test_every_fact_has_its_line():
    assert set(MEANINGS) == set(Fact)
    assert list(types("customer")) == [f"concord.customer.{fact}.v1" for fact in Fact]
    assert all(meaning.endswith(".") for meaning in types("customer").values())
