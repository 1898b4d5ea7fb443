from __future__ import annotations

from pathlib import Path

from mdm.rules.governance import domains
from mdm.rules.governance.domains import Attribute, DomainSpec, Match, Relation
from mdm.rules.governance.reading_order import reading_order

SHIPPED = Path(domains.__file__).parents[2] / "domains"


def domain(name: str, *aims: str) -> DomainSpec:
    relations = tuple(Relation(f"to_{aim}", aim, aim) for aim in aims)
    return DomainSpec(name, name, name, "ABC", (Attribute("name", "Name", "text"),), Match("customer", {}), "name", relations)


def test_whoever_is_pointed_at_is_read_first():
    order = reading_order(domains.read(SHIPPED))

    assert order.index("legal_entity") < order.index("customer") < order.index("project")


def test_two_that_point_at_each_other_stand_by_name_and_nothing_is_lost():
    assert reading_order([domain("c", "b"), domain("b", "a", "c"), domain("a", "a")]) == ["a", "b", "c"]


def test_a_domain_that_is_not_there_holds_nobody_up():
    assert reading_order([domain("b", "elsewhere"), domain("a", "b")]) == ["b", "a"]
