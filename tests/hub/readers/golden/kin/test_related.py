"""Relations from both ends: the whole key counts, and an enterprise ID leads to whoever followed it."""

from __future__ import annotations

import pytest
from django.db import connection

from mdm.actions.golden import decisions, overrides
from mdm.engine.preparing import Incoming
from mdm.models import Golden, MatchPair, SourceRecord
from mdm.readers.golden import goldens
from mdm.readers.golden.kin import aims, related
from mdm.readers.golden.kin.related import Ends
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.pair_states import PairStatus
from tests.factories import firms
from tests.factories.groups import label, tell
from tests.factories.pinned import pin
from tests.factories.records import FIRM, OTHER, customer, home, record, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

NAMES = ("Quorl", "Vexpol", "Brindle")


def project(native_id, client, **more):
    return Incoming("psa", "project", native_id, {"name": f"Quorl rollout {native_id}", "customer": client}, "project", **more)


def inward(golden, people):
    """Labels of what points at a golden record."""
    records = SourceRecord.objects.filter(homes__golden=golden, homes__valid_to=None).select_related("source")
    ends = Ends(list(records), aims.names_of([golden.enterprise_id]))
    groups = related.inward(ends, domain=golden.domain, sight=Sight(people.ada))
    return sorted(kin.label for group in groups for kin in group.rows)


def outward(golden, people):
    """Enterprise IDs that a golden record points at, as the desk and as the API say them."""
    shown = [kin.enterprise_id for kin in related.outward(golden, sight=Sight(people.ada))]
    assert shown == [row["enterprise_id"] or "" for row in goldens.relations(golden, viewer=people.ada)]
    return shown


def merged(name, people):
    """Two customers that a person called the same: the one that stands, and the one that ended."""
    send(*firms.doubtful(name))
    pair = MatchPair.objects.get()
    both = [home(f"{name}-a"), home(f"{name}-b", system="erp")]
    decisions.decide(pair_id=pair.pk, verdict=PairStatus.SAME, seen_version=pair.version, actor=people.ada, at=later(1))
    kept = home(f"{name}-a")
    return kept, next(golden for golden in both if golden.pk != kept.pk)


def test_a_project_points_at_the_customer_of_its_own_scope_only(people):
    send(customer("1", FIRM, system="psa", scope="uk"), customer("1", OTHER, system="psa", scope="de"))
    send(project("P", {"native_id": "1", "object": "account"}, scope="uk"))

    uk, de = (SourceRecord.objects.get(scope=scope, domain="customer").homes.get().golden for scope in ("uk", "de"))

    assert outward(home("P", system="psa"), people) == [uk.enterprise_id]
    assert (inward(uk, people), inward(de, people)) == (["Quorl rollout P"], [])


def test_a_relation_by_enterprise_id_is_seen_from_both_ends(people):
    send(customer("1"))
    said = home("1").enterprise_id

    send(project("P", {"enterprise_id": said.lower().replace("-", " ")}))

    assert record("P", system="psa").relations["customer"] == {"enterprise_id": said}
    assert outward(home("P", system="psa"), people) == [said]
    assert inward(home("1"), people) == ["Quorl rollout P"]


def test_a_merged_away_id_in_a_relation_is_answered_by_its_heir(people):
    kept, gone = merged("Vexpol", people)
    send(project("P", {"enterprise_id": gone.enterprise_id}), project("K", {"enterprise_id": kept.enterprise_id}))

    assert outward(home("P", system="psa"), people) == [kept.enterprise_id]
    assert inward(kept, people) == ["Quorl rollout K", "Quorl rollout P"]


def test_what_a_relation_says_comes_back_with_an_undone_merge(people):
    kept, gone = merged("Vexpol", people)
    send(project("P", {"enterprise_id": gone.enterprise_id}))

    decisions.undo(decision_id=kept.versions.latest("id").change_set.decisions.get().pk, actor=people.ada, at=later(2))

    assert outward(home("P", system="psa"), people) == [gone.enterprise_id]
    assert (inward(gone, people), inward(kept, people)) == (["Quorl rollout P"], [])


def test_an_id_that_was_split_answers_by_itself_and_points_at_no_branch(people):
    send(
        *(customer(f"S-{number}", {"name": name, "country": "GB"}) for number, name in enumerate(("Quorl", "Vexpol", "Brindle")))
    )
    gone, first, second = (home(f"S-{number}") for number in range(3))
    send(project("P", {"enterprise_id": gone.enterprise_id}))
    Golden.objects.filter(pk=gone.pk).update(
        status="SPLIT", successors=[first.enterprise_id, second.enterprise_id], member_count=0
    )

    assert outward(home("P", system="psa"), people) == [gone.enterprise_id]
    assert (inward(first, people), inward(second, people)) == ([], [])


def test_an_id_that_was_never_issued_points_at_nothing_and_a_mistyped_one_is_refused(people):
    send(project("P", {"enterprise_id": "CUS-0000000T"}))
    outcome = send(project("Q", {"enterprise_id": "CUS-0000000V"}), at=NOON)[0]

    assert outward(home("P", system="psa"), people) == [""]
    assert [(problem["code"], problem["field"]) for problem in outcome.problems] == [("unreadable", "customer")]


def test_only_those_are_children_whose_own_parent_stands_here_whatever_else_a_member_claims(people):
    tell("A", "B", "C<B")
    tell("A", "C<A", system="erp", at=later(1))
    assert [name for name in "AB" if inward(home(name), people)] == ["A"]  # the later word

    row = pin(home("C"), "parent", home("B").enterprise_id, actor=people.dee, at=later(2))
    assert [name for name in "AB" if inward(home(name), people)] == ["B"]
    overrides.release(override_id=row.pk, actor=people.dee, at=later(3))

    assert inward(home("A"), people) == [label("C")]
    assert inward(home("B"), people) == []


def test_a_parent_that_only_a_person_named_has_the_child_too(people):
    tell("A", "B")

    pin(home("B"), "parent", home("A").enterprise_id, actor=people.dee, at=later(1))

    assert inward(home("A"), people) == [label("B")]


def test_what_points_here_is_found_by_index(people):
    tell("A", "B<A")
    sight = Sight(people.ada)
    relation = next(one for one in sight.spec("customer").relations if one.name == "parent")
    ends = Ends([SourceRecord.objects.select_related("source").get(native_id="A")], [home("A").enterprise_id])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")

    plan = related._pointing("customer", relation, ends, sight).explain()

    assert "Seq Scan" not in plan


def test_who_may_not_see_the_heir_is_told_nothing(people):
    kept, gone = merged("Vexpol", people)

    assert aims.resolve([{"enterprise_id": gone.enterprise_id}], viewer=people.ada) == [kept.enterprise_id]
    assert aims.resolve([{"enterprise_id": gone.enterprise_id}], viewer=people.cy) == [""]
