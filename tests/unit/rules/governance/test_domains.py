from __future__ import annotations

import json
from pathlib import Path

import pytest

from mdm.errors import BadConfiguration
from mdm.rules.governance import domains
from mdm.rules.governance.domains import DomainSpec, Strategy

SHIPPED = Path(domains.__file__).parents[2] / "domains"
SMALLEST = """\
name: thing
title: Thing
title_plural: Things
prefix: THI
label: name
attributes:
  - {name: name, title: Name, kind: text}
match: {model: customer, attributes: {name: name}}
"""


@pytest.fixture(scope="module")
def shipped() -> dict[str, DomainSpec]:
    return {spec.name: spec for spec in domains.read(SHIPPED)}


def test_the_shipped_domains_are_read_in_the_order_of_their_names(shipped):
    assert list(shipped) == ["contract", "customer", "invoice", "legal_entity", "project", "resource"]
    assert [spec.prefix for spec in shipped.values()] == ["CTR", "CUS", "IVC", "LEG", "PRJ", "RSC"]


def test_the_shipped_domains_survive_the_way_through_json(shipped):
    for spec in shipped.values():
        # JSONB sorts keys by length and then alphabet: nothing may depend on their order.
        stored = json.dumps(spec.to_dict(), sort_keys=True)

        assert DomainSpec.from_dict(json.loads(stored)) == spec


def test_shipped_relations_and_rules_are_those_of_the_design(shipped):
    assert shipped["project"].relation("customer").domain == "customer"
    assert shipped["legal_entity"].relation("parent").is_hierarchy
    assert shipped["customer"].survivorship[1].attributes == ("address", "city", "postcode", "country")
    for name in ("customer", "legal_entity"):
        for attribute in ("tax_id", "lei"):
            assert "check_digit" in shipped[name].attribute(attribute).validators


def test_every_shipped_attribute_and_relation_has_exactly_one_rule(shipped):
    for spec in shipped.values():
        ruled = [name for rule in spec.rules for name in rule.attributes]

        assert sorted(ruled) == sorted((*spec.attribute_names, *spec.relation_names))


def test_hierarchies_are_known_by_their_kind_and_the_rest_has_none(shipped):
    kinds = {name: {kind: relation.name for kind, relation in spec.hierarchies.items()} for name, spec in shipped.items()}

    assert kinds["customer"] == {"legal": "parent", "billing": "bill_to"}
    assert kinds["legal_entity"] == {"legal": "parent"}
    assert (kinds["project"], kinds["contract"], kinds["invoice"]) == ({"project": "parent"}, {"framework": "framework"}, {})
    assert [relation.name for relation in shipped["legal_entity"].dated] == ["parent"]
    assert shipped["legal_entity"].moves_with_time


def test_a_declaration_that_does_not_use_what_is_new_keeps_its_plain_form(declare):
    up = {"name": "up", "title": "Up", "domain": "thing", "is_hierarchy": True}

    plain = declare("name", relations=[up, up | {"name": "over", "kind": "billing"}]).to_dict()["relations"]

    assert [sorted(row) for row in plain] == [
        ["domain", "is_hierarchy", "is_required", "name", "title"],
        ["domain", "is_hierarchy", "is_required", "kind", "name", "title"],
    ]


def test_norway_is_a_country_and_not_false(shipped):
    region = shipped["customer"].region

    assert region.of({"country": "NO"}) == "EMEA"
    assert region.of({"country": "JP"}) == "APAC"
    assert region.of({}) == "GLOBAL"


def test_who_owns_an_attribute(shipped):
    customer = shipped["customer"]

    assert customer.owner_of("payment_terms") == "netsuite"
    assert customer.owner_of("name") is None
    assert customer.ownership_of("payment_terms", "netsuite") == "owner"
    assert customer.ownership_of("payment_terms", "workday") == "contributor"


def test_an_attribute_without_a_rule_takes_the_owners_value_else_the_latest(declare):
    spec = declare(
        "name", {"name": "tags", "is_multi": True}, relations=[{"name": "parent", "title": "Parent", "domain": "thing"}]
    )

    assert [(rule.attributes, [s.kind for s in rule.strategies]) for rule in spec.rules] == [
        (("name",), ["owner", "most_recent"]),
        (("tags",), ["union"]),
        (("parent",), ["most_recent"]),
    ]


def test_strategies_are_read_as_names_and_as_tables(declare):
    strategies = ["longest", {"kind": "source_priority", "order": ["b", "a"]}]

    spec = declare("name", survivorship=[{"attributes": ["name"], "strategies": strategies}])

    assert spec.survivorship[0].strategies == (Strategy("longest"), Strategy("source_priority", {"order": ["b", "a"]}))


def test_a_name_that_is_not_declared_is_a_key_error(shipped):
    with pytest.raises(KeyError, match="'shoe_size'"):
        shipped["customer"].attribute("shoe_size")
    with pytest.raises(KeyError):
        shipped["customer"].relation("name")


def test_from_dict_refuses_with_all_problems_at_once(raw):
    with pytest.raises(BadConfiguration) as refused:
        DomainSpec.from_dict(raw(prefix="x", label="nome", criticality=9))

    assert [problem["field"] for problem in refused.value.problems] == ["prefix", "criticality", "label"]
    assert len(str(refused.value).splitlines()) == 3


def test_read_reports_all_problems_of_all_files_with_file_and_line(tmp_path):
    (tmp_path / "thing.yaml").write_text(SMALLEST.replace("kind: text", "kind: txt").replace("THI", "thi"))
    (tmp_path / "other.yaml").write_text("name: [unclosed")
    (tmp_path / "third.yaml").write_text("- a list\n")

    with pytest.raises(BadConfiguration) as refused:
        domains.read(tmp_path)

    lines = str(refused.value).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["other.yaml:1:", "thing.yaml:4:", "thing.yaml:7:", "third.yaml:1:"]
    assert "attributes.1.kind must be one of" in lines[2]


def test_read_refuses_what_only_shows_between_files(tmp_path):
    relation = "relations:\n  - {name: owner, title: Owner, domain: person}\n"
    (tmp_path / "thing.yaml").write_text(SMALLEST + relation)
    (tmp_path / "twin.yaml").write_text(SMALLEST)

    with pytest.raises(BadConfiguration) as refused:
        domains.read(tmp_path)

    assert str(refused.value).splitlines() == [
        "thing.yaml:10: relations.1.domain names 'person', which no file declares.",
        "twin.yaml:1: name is 'thing' in a file called twin.yaml. Name the file after its domain.",
        "twin.yaml:4: prefix is the prefix of thing.yaml too. Give each domain its own prefix.",
    ]


def test_read_refuses_an_empty_folder(tmp_path):
    with pytest.raises(BadConfiguration, match="no domain file"):
        domains.read(tmp_path)


def test_a_seventh_domain_is_one_file(tmp_path):
    for path in SHIPPED.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "thing.yaml").write_text(SMALLEST)

    assert "thing" in {spec.name for spec in domains.read(tmp_path)}
