"""Rules of a moment: between a release and its rollback those of the release count, and no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mdm import permissions
from mdm.actions.governance import releases as releasing
from mdm.actions.governance.releasing import rematch
from mdm.engine import releases
from mdm.models import DomainRelease
from mdm.readers.golden.history import then
from mdm.rules.governance.domains import DomainSpec, Strategy, Survive
from tests.factories import firms, groups, states
from tests.factories.records import home, send
from tests.factories.times import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

DAY = timedelta(days=1)
NOW = NOON + 100 * DAY
BEFORE, GAP, AFTER = 9, 15, 25
"""Days: before the release on day 10, between it and its rollback on day 20, and later."""


def release(spec, day):
    releasing.publish(spec=spec, actor=permissions.machine(), at=NOON + day * DAY)
    while rematch.rematch_next(actor=permissions.machine(), at=NOON + day * DAY):
        pass
    assert releases.current("customer").is_settled


def tell(day, **industries):
    """What each system says of the firm's industry on a day."""
    said = [firms.alike("Quorl", system, industry=industry)[0] for system, industry in industries.items()]
    send(*(replace(one, updated_at=NOON + day * DAY) for one in said), at=NOON + day * DAY)


def there_and_back(spec):
    """`spec` released on day 10 and rolled back on day 20."""
    first = DomainRelease.objects.filter(domain="customer").latest("number")
    release(spec, 10)
    release(DomainSpec.from_dict(first.spec), 20)


def with_rule(*strategies):
    spec = releases.current("customer").spec
    return replace(spec, survivorship=(*spec.survivorship, Survive(("industry",), tuple(map(Strategy, strategies)))))


def industry(person, *, as_of=None, known_at):
    found = then.find(
        home("Quorl-crm").enterprise_id,
        viewer=person,
        now=NOW,
        as_of=None if as_of is None else NOON + as_of * DAY,
        known_at=NOON + known_at * DAY,
    )
    return found.values.get("industry")


def test_what_a_release_changed_is_read_by_its_rules_in_the_gap_and_by_the_former_ones_around_it(people):
    tell(0, crm="Shipping")
    tell(1, erp="Ports")
    there_and_back(with_rule("oldest"))

    expected = ["Ports", "Shipping", "Ports"]
    assert [industry(people.ada, known_at=day) for day in (BEFORE, GAP, AFTER)] == expected
    assert [industry(people.ada, as_of=day, known_at=day) for day in (BEFORE, GAP, AFTER)] == expected
    assert [industry(people.ada, as_of=2, known_at=day) for day in (BEFORE, GAP, AFTER)] == expected
    assert states.faults() == []


def test_a_record_that_came_out_the_same_is_read_by_the_rules_of_the_moment_too(people):
    tell(0, crm="Shipping")
    tell(1, erp="Ports")
    tell(5, erp="")
    there_and_back(with_rule("oldest"))
    assert {version.release for version in home("Quorl-crm").versions.filter(version__gt=2)} == {1}

    assert [industry(people.ada, known_at=day) for day in (BEFORE, GAP, AFTER)] == ["Shipping"] * 3
    assert [industry(people.ada, as_of=2, known_at=day) for day in (BEFORE, GAP, AFTER)] == ["Ports", "Shipping", "Ports"]


def test_what_a_release_read_otherwise_is_read_so_in_the_gap(people):
    release(with_rule("first_valid", "most_recent"), 0)
    tell(1, erp="Sea")
    tell(2, crm="Shipping")
    spec = releases.current("customer").spec
    rows = tuple(replace(row, max_length=4) if row.name == "industry" else row for row in spec.attributes)

    there_and_back(replace(spec, attributes=rows))

    assert [industry(people.ada, known_at=day) for day in (BEFORE, GAP, AFTER)] == ["Shipping", "Sea", "Shipping"]
    assert [industry(people.ada, as_of=3, known_at=day) for day in (BEFORE, GAP, AFTER)] == ["Shipping", "Sea", "Shipping"]
    assert [industry(people.ada, as_of=day, known_at=99) for day in (BEFORE, GAP, AFTER)] == ["Shipping"] * 3
    assert states.faults() == []


def test_a_tree_is_read_by_the_rules_of_the_moment_too(people):
    """C hangs under B by one system's word and under A by another's, which is taken back before the rules change."""
    groups.tell("A", "B", "C<B", at=NOON)
    groups.tell("A", "C<A", system="erp", at=NOON + DAY)
    groups.tell("C", system="erp", at=NOON + 5 * DAY)
    spec = releases.current("customer").spec
    rules = [rule for rule in spec.survivorship if rule.attributes != ("parent",)]
    before, after = (Survive(("parent",), (Strategy(kind),)) for kind in ("most_recent", "oldest"))
    release(replace(spec, survivorship=(*rules, before)), 6)
    there_and_back(replace(spec, survivorship=(*rules, after)))

    found = [groups.tree("C", viewer=people.ada, as_of=NOON + 2 * DAY, known_at=NOON + day * DAY) for day in (BEFORE, GAP, AFTER)]

    assert [groups.above(one) for one in found] == [[groups.label(name)] for name in "ABA"]
