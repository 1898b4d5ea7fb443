"""Trees and findings over REST."""

from __future__ import annotations

import pytest

from mdm.actions.golden.kin import findings
from mdm.models import Finding
from tests.factories import decided, firms
from tests.factories.groups import label, tell
from tests.factories.records import home, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def tree(api, person, native_id, **query):
    return api(person).get(f"golden/customer/{home(native_id).enterprise_id}/hierarchy", **query)


def test_a_tree_says_kind_parents_children_and_who_says_so(api, people):
    tell("A", "B<A", "C<B", "D<C", "E<D")
    ids = {name: home(name).enterprise_id for name in "ABCDE"}

    said = tree(api, people.ben, "C", kind="legal", depth=2).json()

    assert (said["kind"], said["relation"], said["label"], said["ultimate_parent"]) == ("legal", "parent", label("C"), ids["A"])
    assert [(one["enterprise_id"], one["depth"], one["parent"]) for one in said["parents"]] == [
        (ids["B"], 1, ids["A"]),
        (ids["A"], 2, None),
    ]
    assert [(one["enterprise_id"], one["depth"], one["parent"], one["said_by"]) for one in said["children"]] == [
        (ids["D"], 1, ids["C"], "crm/account//D"),
        (ids["E"], 2, ids["D"], "crm/account//E"),
    ]
    assert (said["circle"], said["next"], said["as_of"]) == (None, None, None)


def test_children_come_in_pages_by_a_cursor(api, people):
    tell("A", "B<A", "C<A", "D<A")

    first = tree(api, people.ben, "A", limit=2).json()
    rest = tree(api, people.ben, "A", limit=2, cursor=first["next"]).json()

    assert [one["label"] for one in (*first["children"], *rest["children"])] == [label("B"), label("C"), label("D")]
    assert rest["next"] is None


def test_a_past_tree_and_a_circle(api, people):
    tell("A", "B<A")
    tell("A<B", "B", system="erp", at=later(60 * 24))

    now = tree(api, people.ben, "B").json()
    then = tree(api, people.ben, "B", known_at="2026-01-15T13:00:00Z").json()

    assert [one["label"] for one in now["parents"]] == [one["label"] for one in then["parents"]] == [label("A")]
    assert now["circle"]["around"][now["circle"]["open"]]["said_by"] == "erp/account//A"
    assert (then["circle"], then["known_at"]) == (None, "2026-01-15T13:00:00Z")


def test_a_merged_id_leads_to_the_tree_of_its_survivor_and_no_cache_keeps_it(api, people):
    send(*firms.doubtful("Vexpol"))
    ids = {home("Vexpol-a").enterprise_id, home("Vexpol-b", system="erp").enterprise_id}
    decided.say("SAME", "Vexpol-a", "Vexpol-b", actor=people.ada)
    kept = home("Vexpol-a").enterprise_id
    (gone,) = ids - {kept}

    answer = api(people.ben).get(f"golden/customer/{gone}/hierarchy", kind="billing")

    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (
        307,
        f"/api/v1/golden/customer/{kept}/hierarchy?kind=billing",
        "no-store",
    )


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"kind": "tax"}, 400, "there are legal, billing"),
        ({"depth": "9"}, 400, "depth=9 must lie between 1 and 5"),
        ({"limit": "0"}, 400, "limit=0 must lie between"),
        ({"cursor": "zzz"}, 400, "This cursor is none of ours"),
        ({"as_of": "soon"}, 400, "is no moment"),
        ({"known_at": "2020-01-01"}, 404, "it was born on"),
    ],
)
def test_what_cannot_be_asked_has_one_sentence(api, people, query, status, words):
    tell("A")

    answer = tree(api, people.ben, "A", **query)

    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_a_domain_without_hierarchies_says_so(api, people):
    assert api(people.ben).get("golden/invoice/INV-0000000T/hierarchy").status_code in {400, 404}


def test_findings_are_read_and_accepted_over_rest(api, people):
    tell("A", "B", "C<A")
    tell("C<B", "A", "B", system="erp", at=later(1))
    spec_place = findings.Place(NOON.isoformat())
    while (following := findings._step(spec_place, actor=people.hub, at=later(2))) is not None:
        spec_place = following
    number = Finding.objects.get().pk

    (row,) = api(people.ben).get("findings").json()["results"]
    assert (row["kind"], row["label"], [end["label"] for end in row["ends"]]) == (
        "TWO_PARENTS",
        label("C"),
        [label("A"), label("B")],
    )
    assert api(people.ben).get("findings", kind="circle").json()["results"] == []
    assert api(people.ben).get("findings", kind="square").status_code == 400
    assert api(people.ada).post(f"findings/{number}:accept", {"reason": 7}).status_code == 400
    assert api(people.ada).post("findings/999999:accept", {"reason": "So."}).status_code == 404
    assert api(people.ada).post(f"findings/{number}:accept", {"reason": "So."}).json()["status"] == "ACCEPTED"
    assert api(people.ada).post(f"findings/{number}:accept", {"reason": "So."}).status_code == 409
