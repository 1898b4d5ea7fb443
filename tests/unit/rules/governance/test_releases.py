"""What a changed release touches, and how much it may change."""

from __future__ import annotations

import copy

import pytest

from mdm.errors import BadConfiguration
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.governance.releasing import release_states
from mdm.rules.governance.releasing.release_limits import Limits, exceeded
from mdm.rules.governance.releasing.release_stages import Stage, between
from mdm.rules.governance.releasing.release_states import ReleaseStatus

SPEC = {
    "name": "thing",
    "title": "Thing",
    "attributes": [{"name": "name", "title": "Name", "kind": "text", "sensitivity": "public", "max_length": 100}],
    "relations": [{"name": "parent", "title": "Parent", "domain": "thing"}],
    "match": {"model": "customer", "attributes": {"name": "name"}, "auto": None, "review": None},
    "survivorship": [{"attributes": ["name"], "strategies": [{"kind": "longest"}]}],
    "search": ["name"],
    "sla_hours": {"review": 8},
}
MODEL = {
    "name": "customer",
    "version": "1",
    "attributes": {"name": {"kind": "organisation_name", "aliases": ["title"]}},
    "derived": {},
    "keys": {"name": {"parts": []}},
    "comparisons": {"name": {"label": "Name", "weights": [5, -5]}},
    "constraints": [{"comparison": "name", "levels": [1], "reason": "Because."}],
    "prior": -10,
    "thresholds": {"auto": 0.9, "review": 0.5},
    "tie": {"least_mean": 0, "most": 10},
    "frequencies": {"words": {"unlisted": 10, "bits": {"of": 2}}},
    "provenance": {"date": "2026-01-01"},
}


def changed(path, value, plain):
    """The plain data with one value elsewhere."""
    plain = copy.deepcopy(plain)
    *steps, last = path
    place = plain
    for step in steps:
        place = place[step]
    place[last] = value
    return plain


@pytest.mark.parametrize(
    ("path", "value", "stages", "part"),
    [
        (["title"], "Other", set(), "title"),
        (["sla_hours", "review"], 4, set(), "sla_hours"),
        (["attributes", 0, "title"], "Other", set(), "attributes"),
        (["attributes", 0, "sensitivity"], "personal", set(), "attributes"),
        (["attributes", 0, "max_length"], 10, {Stage.PREPARE, Stage.SURVIVE}, "attributes"),
        (["relations", 0, "title"], "Other", set(), "relations"),
        (["relations", 0, "domain"], "other", {Stage.PREPARE, Stage.SURVIVE}, "relations"),
        (["match", "attributes", "name"], "other", {Stage.STANDARDISE}, "match.attributes"),
        (["survivorship", 0, "strategies", 0, "kind"], "oldest", {Stage.SURVIVE}, "survivorship"),
        (["search"], [], {Stage.SURVIVE}, "search"),
        (["trust"], {"weights": {}}, {Stage.SURVIVE}, "trust"),
    ],
    ids=lambda part: str(sorted(part)) if isinstance(part, set) else str(part),
)
def test_a_changed_declaration_touches_the_steps_that_use_it(path, value, stages, part):
    touched = between((SPEC, MODEL), (changed(path, value, SPEC), MODEL))

    assert (touched.stages, touched.parts) == (stages, (part,))


@pytest.mark.parametrize(
    ("path", "value", "stages", "part"),
    [
        (["version"], "2", set(), "model.version"),
        (["provenance", "date"], "2027-01-01", set(), "model.provenance"),
        (["attributes", "name", "aliases"], [], set(), "model.attributes"),
        (["attributes", "name", "kind"], "person_name", {Stage.STANDARDISE}, "model.attributes"),
        (["derived", "x"], {"first_of": []}, {Stage.STANDARDISE}, "model.derived"),
        (["keys", "name", "parts"], [1], {Stage.KEY}, "model.keys"),
        (["frequencies", "words", "bits", "of"], 3, {Stage.KEY, Stage.COMPARE}, "model.frequencies"),
        (["comparisons", "name", "label"], "Other", set(), "model.comparisons"),
        (["comparisons", "name", "weights", 0], 6, {Stage.COMPARE}, "model.comparisons"),
        (["prior"], -9, {Stage.COMPARE}, "model.prior"),
        (["constraints", 0, "reason"], "So.", set(), "model.constraints"),
        (["constraints", 0, "levels"], [2], {Stage.CLUSTER}, "model.constraints"),
        (["tie", "most"], 9, {Stage.CLUSTER}, "model.tie"),
        (["thresholds", "auto"], 0.8, {Stage.CLUSTER}, "match.auto"),
        (["thresholds", "review"], 0.6, {Stage.CLUSTER}, "match.review"),
        (["thresholds", "review"], 0.4, {Stage.CLUSTER, Stage.COMPARE}, "match.review"),
    ],
    ids=lambda part: str(sorted(part)) if isinstance(part, set) else str(part),
)
def test_a_changed_model_touches_the_steps_that_use_it(path, value, stages, part):
    touched = between((SPEC, MODEL), (SPEC, changed(path, value, MODEL)))

    assert (touched.stages, touched.parts) == (stages, (part,))


def test_nothing_differs_from_itself_and_differences_add_up():
    assert between((SPEC, MODEL), (SPEC, MODEL)).parts == ()

    both = between((SPEC, MODEL), (changed(["title"], "Other", SPEC), MODEL))
    both |= between((SPEC, MODEL), (SPEC, changed(["prior"], -9, MODEL)))

    assert (both.stages, both.parts) == ({Stage.COMPARE}, ("model.prior", "title"))


PLAN = {
    "goldens": {"live": 1_000, "changed": 50},
    "ids": {"retired": 6, "restored": 4},
    "decisions": {"contradicted": 0},
    "targets": {"tasks": 10_000},
}


def test_what_lies_at_the_limits_may_be_released():
    assert exceeded(Limits(), PLAN) == []


@pytest.mark.parametrize(
    ("part", "name", "count", "words"),
    [
        ("goldens", "changed", 51, "51 of 1,000 golden records change (5.1%); the limit is 5.0%."),
        ("ids", "restored", 5, "11 of 1,000 enterprise IDs end or come back (1.1%); the limit is 1.0%."),
        ("decisions", "contradicted", 1, "1 decisions would be contradicted; the limit is 0."),
        ("targets", "tasks", 10_001, "10,001 pushes to targets would follow; the limit is 10,000."),
    ],
)
def test_what_lies_above_a_limit_is_named(part, name, count, words):
    assert exceeded(Limits(), {**PLAN, part: {**PLAN[part], name: count}}) == [words]


def test_an_empty_domain_has_no_shares_to_divide():
    assert exceeded(Limits(), {**PLAN, "goldens": {"live": 0, "changed": 0}, "ids": {"retired": 0, "restored": 0}}) == []


FILE = {
    "name": "thing",
    "title": "Thing",
    "title_plural": "Things",
    "prefix": "THI",
    "label": "name",
    "attributes": [{"name": "name", "title": "Name", "kind": "text"}],
    "match": {"model": "customer", "attributes": {"name": "name"}},
}


def test_limits_stand_in_the_file_and_survive_the_way_through_json():
    spec = DomainSpec.from_dict({**FILE, "release_limits": {"goldens": 0.5, "decisions": 3}})

    assert spec.release_limits == Limits(goldens=0.5, decisions=3)
    assert DomainSpec.from_dict(spec.to_dict()) == spec
    assert "release_limits" not in DomainSpec.from_dict(FILE).to_dict()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"goldens": 2}, "release_limits.goldens must be a number from 0 to 1"),
        ({"decisions": -1}, "release_limits.decisions must be a whole number, 0 or more"),
        ({"decisions": True}, "release_limits.decisions must be a whole number, 0 or more"),
        ({"speed": 1}, "release_limits.speed is not a known setting"),
        ([], "release_limits must be a table of names and values"),
    ],
)
def test_wrong_limits_are_refused(limits, words):
    with pytest.raises(BadConfiguration) as refused:
        DomainSpec.from_dict({**FILE, "release_limits": limits})

    assert words in refused.value.message


def test_what_is_decided_is_not_decided_again():
    arrows = release_states.ARROWS

    assert arrows[ReleaseStatus.REFUSED] == arrows[ReleaseStatus.REPLACED] == arrows[ReleaseStatus.ROLLED_BACK] == frozenset()
    assert ReleaseStatus.RUNNING not in arrows[ReleaseStatus.PLANNING]
    release_states.check_arrow(ReleaseStatus.PROPOSED, ReleaseStatus.RUNNING)
