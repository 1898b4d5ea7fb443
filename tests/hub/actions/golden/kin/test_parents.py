"""A person's parent: beats what the systems say, and is refused where it would make a circle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from mdm.actions.golden import overrides
from mdm.errors import BadCheckCharacter, BadInput, Conflict, HubError, NotFound
from mdm.models import Golden
from mdm.rules.governance.roles import Role
from tests import people as cast
from tests.factories import decided, firms, states, systems
from tests.factories.groups import above, entity, firm, label, tell, tree, under
from tests.factories.records import home, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

DAY = 24 * 60


def pin(child, parent, actor, *, at=None, attribute="parent", **more):
    """Pin the golden record of `parent` (a native ID), or any value, above that of `child`."""
    golden = home(child)
    value = home(parent).enterprise_id if isinstance(parent, str) and len(parent) == 1 else parent
    return overrides.pin(
        enterprise_id=golden.enterprise_id, attribute=attribute, value=value, seen_version=golden.version, actor=actor,
        at=at or later(DAY), reason="The register says so.", **more,
    )  # fmt: skip


def test_a_pinned_parent_stands_above_and_below_until_it_is_released(people):
    tell("A", "B", "C<A")

    row = pin("C", "B", people.ada)

    assert (above(tree("C", viewer=people.ada)), under(tree("B", viewer=people.ada))) == ([label("B")], [label("C")])
    assert under(tree("A", viewer=people.ada)) == []
    why = home("C").provenance["parent"]
    assert (why["rule"], why["beat"][0]["key"], home("C").version) == ("override", "crm/account//C", 2)
    assert above(tree("C", viewer=people.ada, as_of=later(60))) == [label("A")]
    assert above(tree("C", viewer=people.ada, as_of=later(2 * DAY))) == [label("B")]
    assert under(tree("B", viewer=people.ada, known_at=later(2 * DAY))) == [label("C")]
    overrides.release(override_id=row.pk, actor=people.ada, at=later(3 * DAY))
    assert above(tree("C", viewer=people.ada)) == [label("A")]
    assert states.faults() == []


def test_a_pin_says_that_there_is_no_parent(people):
    tell("A", "B<A")

    pin("B", None, people.ada)

    assert (above(tree("B", viewer=people.ada)), under(tree("A", viewer=people.ada))) == ([], [])


def test_a_pinned_parent_follows_a_merge_and_comes_back(people):
    send(*firms.doubtful("Vexpol"))
    tell("B")
    gone = home("Vexpol-b", system="erp").enterprise_id
    pin("B", gone, people.ada)

    decision = decided.say("SAME", "Vexpol-a", "Vexpol-b", actor=people.ada, at=later(2 * DAY))

    assert under(tree("Vexpol-a", viewer=people.ada)) == [label("B")]
    decided.take_back(decision, actor=people.ada, at=later(3 * DAY))
    assert tree("B", viewer=people.ada).ultimate.enterprise_id == gone


@pytest.mark.parametrize(("child", "parent"), [("A", "A"), ("A", "B"), ("A", "D"), ("B", "C")])
def test_a_circle_is_refused_in_one_sentence_and_changes_nothing(people, child, parent):
    tell("A", "B<A", "C<B", "D<C")
    before = states.goldens()

    with pytest.raises(BadInput, match=r"Parent company: CUS-\w+ (cannot be its own|stands above CUS-\w+ already)"):
        pin(child, parent, people.ada)

    assert states.goldens() == before


def test_a_circle_through_a_pin_is_refused_too_and_another_kind_is_no_circle(people):
    tell("A", "B")
    pin("A", "B", people.ada)

    with pytest.raises(BadInput, match="stands above"):
        pin("B", "A", people.ada)
    pin("B", "A", people.ada, attribute="bill_to")

    assert above(tree("B", viewer=people.ada, kind="billing")) == [label("A")]


def test_what_is_no_parent_is_refused(people):
    tell("A", "B")
    send(entity("C"), *firms.doubtful("Vexpol"))
    ended = {home("Vexpol-a").enterprise_id, home("Vexpol-b", system="erp").enterprise_id}
    decided.say("SAME", "Vexpol-a", "Vexpol-b", actor=people.ada)
    ended -= {home("Vexpol-a").enterprise_id}

    for value, error in (
        (home("C", system="erp").enterprise_id, BadInput),
        ({"native_id": "A"}, BadInput),
        ("CUS-0000000V", BadCheckCharacter),
        ("CUS-0000000T", NotFound),
        (*ended, Conflict),
    ):
        with pytest.raises(error):
            pin("B", value, people.ada)
    with pytest.raises(NotFound, match="only parents can be pinned"):
        pin("B", home("C", system="erp").enterprise_id, people.ada, attribute="legal_entity")


def test_who_does_not_see_the_parent_cannot_name_it(people):
    send(firm("A", country="US"), firm("B", country="DE"))
    near = cast.person("cyrus", Role.STEWARD, domains=["customer"], regions=["EMEA"])

    with pytest.raises(NotFound):
        pin("B", "A", near)


def test_a_parent_is_pinned_over_rest_by_its_enterprise_id(api, people):
    tell("A", "B")
    url = f"golden/customer/{home('B').enterprise_id}"

    answer = api(people.ada).post(
        f"{url}/overrides", {"attribute": "parent", "value": home("A").enterprise_id, "version": 1, "reason": "Register."}
    )

    assert (answer.status_code, answer.json()["value"]) == (201, home("A").enterprise_id)
    tops = api(people.ben).get(url, include="ultimate_parents").json()["ultimate_parents"]
    assert tops == {"legal": home("A").enterprise_id, "billing": None}
    refused = api(people.ada).post(
        f"golden/customer/{home('A').enterprise_id}/overrides",
        {"attribute": "parent", "value": home("B").enterprise_id, "version": 1, "reason": "Register."},
    )
    assert refused.status_code == 400
    assert "stands above" in refused.json()["detail"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_at_once_cannot_make_a_circle_together(people):
    systems.declare()
    tell("A", "B")
    ids, versions = ({name: getattr(home(name), part) for name in "AB"} for part in ("enterprise_id", "version"))

    def act(child, parent):
        try:
            overrides.pin(
                enterprise_id=ids[child], attribute="parent", value=ids[parent], seen_version=versions[child],
                actor=people.ada, at=NOON, reason="At once.",
            )  # fmt: skip
        except HubError:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(act, "AB", "BA"))

    assert sorted(outcomes) == ["done", "refused"]
    assert Golden.objects.filter(relations__has_key="parent").count() == 1
