from __future__ import annotations

import itertools

import pytest

from mdm.rules.governance import roles
from mdm.rules.governance.roles import MASK, Role


@pytest.mark.parametrize(
    ("role", "verb", "answer"),
    [
        (Role.VIEWER, "golden.view", True),
        (Role.VIEWER, "pair.view", False),
        (Role.VIEWER, "record.write", False),
        (Role.STEWARD, "pair.decide", True),
        (Role.STEWARD, "pair.bulk", False),
        (Role.STEWARD, "pair.undo_others", False),
        (Role.LEAD, "pair.undo_others", True),
        (Role.LEAD, "release.publish", False),
        (Role.OWNER, "release.publish", True),
        (Role.OWNER, "pair.decide", False),
        (Role.OPERATOR, "sync.replay", True),
        (Role.OPERATOR, "pair.decide", False),
        (Role.OPERATOR, "golden.override", False),
        (Role.AUDITOR, "audit.view", True),
        (Role.AUDITOR, "quarantine.edit", False),
        (Role.ADMIN, "users.admin", True),
    ],
)
def test_what_a_role_may_do(role, verb, answer):
    assert roles.may(role, verb) is answer


def test_only_administrators_make_users():
    assert roles.who_may("users.admin") == (Role.ADMIN,)


def test_who_may_and_may_say_the_same():
    verbs = set().union(*roles.VERBS.values())

    for role, verb in itertools.product(Role, verbs):
        assert (role in roles.who_may(verb)) is roles.may(role, verb)


def test_an_auditor_changes_nothing():
    assert not {verb for verb in roles.VERBS[Role.AUDITOR] if verb.split(".")[1] not in {"view", "query", "read"}}


@pytest.mark.parametrize(
    "ask", [lambda: roles.may(Role.ADMIN, "pair.eat"), lambda: roles.who_may("pair.eat")], ids=["may", "who_may"]
)
def test_a_verb_that_nobody_has_is_a_mistake_in_the_code(ask):
    with pytest.raises(KeyError, match=r"pair\.eat"):
        ask()


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.VIEWER, ["public", "internal"]),
        (Role.STEWARD, ["public", "internal", "personal"]),
        (Role.OPERATOR, ["public", "internal", "personal"]),
        (Role.LEAD, ["public", "internal", "personal", "restricted"]),
        (Role.AUDITOR, ["public", "internal", "personal", "restricted"]),
    ],
)
def test_which_sensitivities_a_role_sees(role, seen):
    assert [level for level in ("public", "internal", "personal", "restricted", "nonsense") if roles.sees(role, level)] == seen


def test_masked_hides_what_the_role_may_not_see_and_nothing_else(declare):
    spec = declare("name", {"name": "phone", "sensitivity": "personal"}, {"name": "email", "sensitivity": "personal"})
    values = {"name": "Acme", "phone": "+49", "email": None, "parent": {"native_id": "1"}}

    assert roles.masked(values, spec, Role.VIEWER) == {**values, "phone": MASK}
    assert roles.masked(values, spec, Role.STEWARD) == values
