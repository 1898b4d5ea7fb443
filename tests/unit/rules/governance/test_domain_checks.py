from __future__ import annotations

import pytest

from mdm.rules.governance.domain_checks import findings


def said(raw):
    return [(".".join(map(str, finding.place)), finding.message) for finding in findings(raw)]


def up(**parts):
    """A hierarchy of the smallest domain, with parts replaced."""
    return {"name": "up", "title": "Up", "domain": "thing", "is_hierarchy": True, **parts}


def name_with(**settings):
    return [{"name": "name", "title": "Name", "kind": "text", **settings}]


def test_the_smallest_declaration_has_nothing_wrong(raw):
    assert said(raw()) == []


def test_everything_filled_has_nothing_wrong(raw):
    attributes = [
        *name_with(is_required=True, max_length=10, values=["a"], validators=["not_future", "after:name"], on_problem="warn"),
        {"name": "tags", "title": "Tags", "kind": "text", "is_multi": True, "country_from": "name", "sensitivity": "personal"},
    ]
    declaration = raw(
        attributes=attributes,
        relations=[{"name": "parent", "title": "Parent", "domain": "thing", "is_hierarchy": True, "is_required": True}],
        match={"model": {"name": "own"}, "attributes": {"name": "name"}, "auto": 0.9, "review": 0.5},
        survivorship=[
            {"attributes": ["tags"], "strategies": ["first_valid", "union"]},
            {"attributes": ["name", "parent"], "strategies": [{"kind": "source_priority", "order": ["a"]}]},
        ],
        ownership={"name": {"a": "owner", "b": "reader"}},
        region={"attribute": "name", "mapping": {"DE": "EMEA"}, "default": "GLOBAL"},
        sla_hours={"review": 8, "drift": 1},
        search=["name", "tags"],
        criticality=1,
        heal="push",
        unowned_change="request",
    )

    assert said(declaration) == []


@pytest.mark.parametrize("raw_value", [None, [], "text", 3], ids=repr)
def test_a_declaration_that_is_no_table(raw_value):
    assert said(raw_value) == [("", "must be a table of names and values")]


def test_missing_parts_are_named():
    assert said({"name": "thing"}) == [
        ("", f"has no {part!r}") for part in ("attributes", "label", "match", "prefix", "title", "title_plural")
    ]


@pytest.mark.parametrize(
    ("parts", "place", "message"),
    [
        ({"colour": "red"}, "colour", "is not a known setting: 'colour'"),
        ({3: "x"}, "3", "is not a known setting: 3"),
        ({"name": "Thing"}, "name", "must be a name of small letters"),
        ({"title": " "}, "title", "must be text, not ' '"),
        ({"prefix": "TOOLONG"}, "prefix", "must be 2 to 5 capital letters"),
        ({"criticality": True}, "criticality", "must be one of 1, 2, 3"),
        ({"heal": "now"}, "heal", "must be one of push, queue"),
        ({"label": "nome"}, "label", "names 'nome', which is no attribute here"),
        ({"search": ["name", 7]}, "search", "must be a list of texts"),
        ({"search": ["nome"]}, "search", "names 'nome'"),
        ({"sla_hours": {"review": 0}}, "sla_hours.review", "must be a whole number above 0"),
        ({"sla_hours": {"lunch": 1}}, "sla_hours.lunch", "is no clock"),
        ({"sla_hours": 8}, "sla_hours", "must be a table"),
        ({"attributes": [*name_with(), "city"]}, "attributes.1", "must be a table"),
        ({"attributes": name_with(kind="txt")}, "attributes.0.kind", "must be one of text"),
        ({"attributes": name_with(is_required="yes")}, "attributes.0.is_required", "must be true or false"),
        ({"attributes": name_with(max_length=True)}, "attributes.0.max_length", "must be a whole number"),
        ({"attributes": name_with(validators=["pretty"])}, "attributes.0.validators", "which is no validator"),
        ({"attributes": name_with(validators=[3])}, "attributes.0.validators", "which is no validator"),
        ({"attributes": name_with(validators=["after:start"])}, "attributes.0.validators", "names 'start'"),
        ({"attributes": name_with(country_from="land")}, "attributes.0.country_from", "names 'land'"),
        ({"attributes": name_with() * 2}, "attributes.1.name", "declares 'name' a second time"),
        ({"relations": [{"name": "name", "title": "T", "domain": "thing"}]}, "relations.0.name", "a second time"),
        (
            {"relations": [{"name": "up", "title": "T", "domain": "x", "is_hierarchy": True}]},
            "relations.0.is_hierarchy",
            "stays within",
        ),
        ({"relations": ["up"]}, "relations.0", "must be a table"),
        ({"relations": [up(), up(name="over", kind="up")]}, "relations.1.kind", "is a second hierarchy of kind 'up'"),
        ({"relations": [up(kind="Legal")]}, "relations.0.kind", "must be a name of small letters"),
        ({"relations": [up(is_hierarchy=False, kind="legal")]}, "relations.0.kind", "is for hierarchies"),
        ({"relations": [up(since="begin")]}, "relations.0.since", "names 'begin', which is no attribute here"),
        ({"relations": [up(until="name")]}, "relations.0.until", "names 'name', which is text"),
        ({"relations": [up(is_scoped="yes")]}, "relations.0.is_scoped", "must be true or false"),
        ({"match": {"model": 3, "attributes": {}}}, "match.model", "must be the name of a shipped match model"),
        ({"match": {"model": "m", "attributes": {"name": "nome"}}}, "match.attributes.name", "names 'nome'"),
        ({"match": {"model": "m", "attributes": {"name": ["nome"]}}}, "match.attributes.name", "names ['nome']"),
        ({"match": {"model": "m", "attributes": {}, "auto": 1.5}}, "match.auto", "must be a probability"),
        ({"match": {"model": "m", "attributes": {}, "auto": 0.5, "review": 0.6}}, "match.review", "is above auto"),
        ({"match": "customer"}, "match", "must be a table"),
        ({"survivorship": ["name"]}, "survivorship.0", "must be a table"),
        ({"survivorship": [{"attributes": [], "strategies": ["longest"]}]}, "survivorship.0.attributes", "is empty"),
        ({"survivorship": [{"attributes": ["name"], "strategies": []}]}, "survivorship.0.strategies", "is empty"),
        ({"survivorship": [{"attributes": ["nome"], "strategies": ["longest"]}]}, "survivorship.0.attributes", "names 'nome'"),
        (
            {"survivorship": [{"attributes": ["name"] * 2, "strategies": ["min"]}]},
            "survivorship.0.attributes",
            "gives 'name' a second rule",
        ),
        (
            {"survivorship": [{"attributes": ["name"], "strategies": ["best"]}]},
            "survivorship.0.strategies.0",
            "'best', which is no strategy",
        ),
        (
            {"survivorship": [{"attributes": ["name"], "strategies": [3]}]},
            "survivorship.0.strategies.0",
            "3, which is no strategy",
        ),
        (
            {"survivorship": [{"attributes": ["name"], "strategies": ["union"]}]},
            "survivorship.0.strategies.0",
            "union is for one",
        ),
        (
            {"survivorship": [{"attributes": ["name"], "strategies": ["source_priority"]}]},
            "survivorship.0.strategies.0",
            "source_priority needs order",
        ),
        (
            {"survivorship": [{"attributes": ["name"], "strategies": [{"kind": "longest", "order": []}]}]},
            "survivorship.0.strategies.0",
            "gives longest the unknown option 'order'",
        ),
        ({"ownership": {"nome": {}}}, "ownership.nome", "names 'nome'"),
        ({"ownership": {"name": "a"}}, "ownership.name", "must be a table of systems"),
        ({"ownership": {"name": {"a": "boss"}}}, "ownership.name.a", "must be one of owner, contributor, reader, not 'boss'"),
        ({"ownership": {"name": {"a": "owner", "b": "owner"}}}, "ownership.name", "has more than one owner"),
        ({"region": {"attribute": "nome", "mapping": {}, "default": "X"}}, "region.attribute", "names 'nome'"),
        ({"region": {"attribute": "name", "mapping": {"DE": 4}, "default": "X"}}, "region.mapping.DE", "must be text"),
        ({"region": "EMEA"}, "region", "must be a table"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_one_mistake_makes_one_finding_at_its_place(raw, parts, place, message):
    found = said(raw() | parts)

    assert {where for where, _ in found} == {place}
    assert message in " | ".join(text for _, text in found)


@pytest.mark.parametrize(("attributes", "message"), [([], "has no attribute"), ("name", "must be a list, not 'name'")], ids=repr)
def test_without_attributes_everything_that_names_one_is_wrong_too(raw, attributes, message):
    found = dict(said(raw(attributes=attributes)))

    assert message in found["attributes"]
    assert set(found) == {"attributes", "match.attributes.name", "label"}


def test_all_mistakes_are_found_at_once(raw):
    found = said(raw(prefix="?", label="x", ownership={"y": {}}, search=["z"], heal=None))

    assert [where for where, _ in found] == ["prefix", "heal", "ownership.y", "label", "search"]
