from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdm.errors import BadConfiguration
from mdm.rules.intake.mapping import Mapping, identity

ROWS = [
    ["name", "Name"],
    ["city", "BillingAddress.city"],
    ["status", "Status__c", {"codec": "enum", "map": {"Active": "active"}}],
    ["start_on", "Start__c", {"codec": "date", "write": False}],
    ["budget", "Budget__c", {"codec": "decimal"}],
    ["currency", "EUR", {"codec": "const"}],
    ["tags", "Tags", {"multi": True}],
    ["customer", "Account__c", {"codec": "ref", "object": "Account"}],
]


@pytest.fixture
def mapping():
    return Mapping.from_rows(ROWS, relations=["customer"])


def mapped(mapping, **payload):
    return mapping.to_attributes(payload, system="salesforce", scope="EU")


def test_a_payload_becomes_attributes_and_relations(mapping):
    result = mapped(
        mapping,
        Name="Acme",
        BillingAddress={"city": "Bonn"},
        Status__c="Active",
        Start__c="2026-01-31",
        Budget__c=12.5,
        Account__c="001",
    )

    assert result.attributes == {
        "name": "Acme",
        "city": "Bonn",
        "status": "active",
        "start_on": "2026-01-31",
        "budget": "12.5",
        "currency": "EUR",
    }
    assert result.relations == {"customer": {"system": "salesforce", "object": "Account", "scope": "EU", "native_id": "001"}}
    assert result.problems == ()


def test_what_the_payload_does_not_mention_is_left_out_and_what_is_empty_is_none(mapping):
    result = mapped(mapping, Name=None, Status__c="  ", BillingAddress=None, Account__c="", Tags=[])

    assert result.attributes == {"name": None, "status": None, "city": None, "currency": "EUR", "tags": None}
    assert result.relations == {"customer": None}


@pytest.mark.parametrize(
    ("payload", "city"),
    [
        ({"BillingAddress.city": "flat", "BillingAddress": {"city": "nested"}}, "flat"),
        ({"BillingAddress": {"city": "nested"}}, "nested"),
        ({"BillingAddress": "a text"}, "absent"),
        ({"BillingAddress": {"street": "x"}}, "absent"),
        ({"BillingAddress": [{"city": "in a list"}]}, "absent"),
    ],
    ids=["a key with dots first", "nested", "no object", "no such key", "a list where an object is expected"],
)
def test_a_dotted_path_is_followed(mapping, payload, city):
    assert mapped(mapping, **payload).attributes.get("city", "absent") == city


def test_a_number_in_a_path_picks_from_a_list():
    mapping = Mapping.from_rows([["city", "addresses.1.city"]])

    assert mapped(mapping, addresses=[{"city": "a"}, {"city": "b"}]).attributes == {"city": "b"}
    assert mapped(mapping, addresses=[{"city": "a"}]).attributes == {}


def test_a_value_of_the_wrong_type_is_a_problem_and_the_rest_goes_on(mapping):
    result = mapped(mapping, Name=["Acme"], Budget__c="much", Status__c={"a": 1}, Account__c={"x": 1}, Start__c="2026-01-01")

    assert result.attributes == {"start_on": "2026-01-01", "currency": "EUR"}
    assert [(problem["field"], problem["code"]) for problem in result.problems] == [
        ("name", "unreadable"),
        ("status", "unreadable"),
        ("budget", "unreadable"),
        ("customer", "unreadable"),
    ]
    assert result.problems[2] == {
        "code": "unreadable",
        "field": "budget",
        "value": "'much'",
        "message": "budget (Budget__c) is 'much', which is not a number like 1234.50.",
        "remedy": "Send a number like 1234.50 for Budget__c.",
    }
    assert "is a list" in result.problems[0]["message"]
    assert "is an object" in result.problems[1]["message"]


def test_a_multi_valued_attribute_takes_one_or_many(mapping):
    assert mapped(mapping, Tags=["a", "", "b"]).attributes["tags"] == ["a", "b"]
    assert mapped(mapping, Tags="a").attributes["tags"] == ["a"]


def test_to_remote_writes_only_writable_rows_whose_attribute_is_given(mapping):
    remote = mapping.to_remote(
        {"name": "Acme", "city": "Bonn", "status": "active", "start_on": "2026-01-31", "budget": "5", "currency": "EUR"}
    )

    assert remote == {"Name": "Acme", "BillingAddress.city": "Bonn", "Status__c": "Active", "Budget__c": 5}


def test_to_remote_clears_with_none_and_leaves_out_what_the_target_has_no_word_for(mapping):
    assert mapping.to_remote({"name": None, "status": "dreaming", "budget": "not a number"}) == {"Name": None}


def test_to_remote_writes_lists_and_references(mapping):
    assert mapping.to_remote({"tags": ["a", "b"], "customer": {"native_id": "001"}}) == {"Tags": ["a", "b"], "Account__c": "001"}
    assert mapping.to_remote({"customer": "001"}) == {"Account__c": "001"}


def test_a_date_that_is_none_of_ours_is_not_written():
    assert Mapping.from_rows([["start_on", "s", {"codec": "date"}]]).to_remote({"start_on": "soon"}) == {}


def test_writable_names_what_a_target_takes(mapping):
    assert mapping.writable == {"name", "city", "status", "budget", "tags", "customer"}


def test_unknown_names_what_no_row_reads(mapping):
    payload = {"Name": 1, "BillingAddress": {}, "Shoe": 1, "Id": 1, "Hat": 1}

    assert mapping.unknown(payload) == ("Hat", "Id", "Shoe")
    assert mapping.unknown(payload, besides=["Id"]) == ("Hat", "Shoe")


def test_a_constant_may_stand_in_its_own_option():
    mapping = Mapping.from_rows([["currency", "-", {"codec": "const", "value": "USD"}]])

    assert mapped(mapping).attributes == {"currency": "USD"}


@pytest.fixture
def plain(declare):
    spec = declare(
        "name",
        {"name": "active", "kind": "boolean"},
        {"name": "tags", "is_multi": True},
        relations=[{"name": "parent", "title": "Parent", "domain": "thing"}],
    )
    return identity(spec)


def test_identity_reads_our_own_names(plain):
    result = mapped(plain, name="Acme", active=True, tags=["a"], parent="7", hat=1)

    assert result.attributes == {"name": "Acme", "active": "true", "tags": ["a"]}
    assert result.relations == {"parent": {"system": "salesforce", "object": "", "scope": "EU", "native_id": "7"}}
    assert plain.unknown({"name": 1, "parent": 1, "hat": 1}) == ("hat",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (7, {"system": "salesforce", "object": "", "scope": "EU", "native_id": "7"}),
        ({"native_id": "7"}, {"system": "salesforce", "object": "", "scope": "EU", "native_id": "7"}),
        (
            {"native_id": "7", "system": "netsuite", "object": "customer", "scope": "US"},
            {"system": "netsuite", "object": "customer", "scope": "US", "native_id": "7"},
        ),
        ({"enterprise_id": " CUS-J5G7MC7R "}, {"enterprise_id": "CUS-J5G7MC7R"}),
        (None, None),
    ],
    ids=["plain", "object", "full key", "enterprise ID", "none"],
)
def test_identity_takes_every_form_of_a_reference(plain, given, expected):
    assert mapped(plain, parent=given).relations == {"parent": expected}


@pytest.mark.parametrize("given", [{"object": "x"}, {"native_id": ["7"]}, ["7"], True], ids=repr)
def test_a_reference_that_names_nothing_is_a_problem(plain, given):
    result = mapped(plain, parent=given)

    assert result.relations == {}
    assert [problem["field"] for problem in result.problems] == ["parent"]
    assert result.problems[0]["message"].startswith("parent is ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.timed
@settings(max_examples=40)
@given(st.fixed_dictionaries({}, optional={row[1].partition(".")[0]: JSON for row in ROWS}))
def test_no_payload_crashes_a_mapping(payload):
    mapping = Mapping.from_rows(ROWS, relations=["customer"])

    result = mapping.to_attributes(payload, system="s", scope="")

    assert set(result.attributes) <= {row[0] for row in ROWS}
    mapping.to_remote(result.attributes)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("name", "must be [attribute, path]"),
        (["name"], "must be [attribute, path]"),
        (["name", "a", {}, 1], "must be [attribute, path]"),
        (["name", ""], "attribute and path must be text"),
        ([3, "a"], "attribute and path must be text"),
        (["name", "a", "text"], "the options of 'name' must be a table"),
        (["name", "a", {"colour": 1}], "unknown option 'colour'"),
        (["name", "a", {"format": 1}], "option format of 'name' must be text"),
        (["name", "a", {"write": "never"}], "option write of 'name' must be true or false"),
        (["name", "a", {"codec": "magic"}], "unknown codec 'magic'"),
        (["name", "a", {"codec": "enum"}], "needs the option map"),
        (["name", "a", {"codec": "enum", "map": ["a"]}], "option map of 'name' must be a table"),
        (["name", "a", {"codec": "enum", "map": {"a": 1}}], "option map of 'name' must be a table"),
        (["name", "a", {"codec": "ref", "object": "x"}], "is no relation"),
        (["parent", "a"], "is a relation"),
        (["parent", "a", {"codec": "ref"}], "needs the option object"),
        (["name", "a", {"codec": "date", "format": "%Q"}], "'%Q' is no date format"),
        (["name", "a", {"codec": "datetime", "format": "sometime"}], "'sometime' is no date format"),
        (["hat", "a"], "no attribute or relation of this domain"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_row_is_refused_with_its_number(row, complaint):
    with pytest.raises(BadConfiguration) as refused:
        Mapping.from_rows([["other", "o"], row], relations=["parent"], attributes=["name", "other"])

    assert all(problem["message"].startswith("row 2: ") for problem in refused.value.problems)
    assert complaint in str(refused.value)


def test_all_wrong_rows_are_refused_at_once():
    with pytest.raises(BadConfiguration) as refused:
        Mapping.from_rows([["name"], ["name", "a"], ["name", "b"], ["x", "c", {"codec": "?"}]])

    assert [problem["field"] for problem in refused.value.problems] == ["1", "2", "3", "4"]


def test_rows_must_be_a_list():
    with pytest.raises(BadConfiguration, match="must be a list of rows"):
        Mapping.from_rows({"name": "Name"})
