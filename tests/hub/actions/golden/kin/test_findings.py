"""The nightly look at relations: what does not fit is found once, stays until it is gone, and is quiet once accepted."""

from __future__ import annotations

import pytest

from mdm import permissions
from mdm.actions.exchange import jobs, schedules
from mdm.actions.golden.kin import findings
from mdm.engine.preparing import Incoming
from mdm.errors import BadInput, IllegalTransition, NotAllowed, NotFound
from mdm.models import AuditEntry, Crosswalk, Finding, Job, MatchPair
from mdm.readers.golden.kin import finding_list
from mdm.rules.governance.roles import Role
from tests import people as cast
from tests.factories import systems
from tests.factories.groups import entity, firm, label, tell
from tests.factories.records import FIRM, OTHER, customer, home, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

DAY = 24 * 60


def night(number=1):
    """The look of that night, chunk by chunk; how many there were."""
    at, machine, count = later(number * DAY), permissions.machine(), 0
    schedules.put_standing(actor=machine, at=NOON)
    schedules.tick(actor=machine, at=at)
    while findings.look_next(actor=machine, at=at):
        count += 1
    return count


def seen(people, **wanted):
    """Open findings, oldest first: kind, label, and the ends or the scope."""
    rows = finding_list.page(viewer=people.ada, **wanted).rows
    return [(row.kind, row.label, [end.label for end in row.ends] or row.scope) for row in reversed(rows)]


def circle():
    """The CRM has A over B; the ERP has B over A, and ranks below by its name."""
    tell("A", "B<A")
    tell("A<B", "B", system="erp", at=later(1))


def test_a_circle_is_found_once_at_the_record_that_has_lost_its_parent(people):
    circle()

    night(1)
    night(2)

    assert seen(people) == [("CIRCLE", label("A"), [label("A"), label("B")])]
    row = Finding.objects.get()
    assert (row.first_seen_at, row.last_seen_at, row.detail["around"][0]["said_by"]) == (
        later(DAY),
        later(2 * DAY),
        "erp/account//A",
    )


def test_what_is_mended_is_closed_and_what_comes_back_is_another(people):
    circle()
    night(1)

    tell("A", system="erp", at=later(2 * DAY))
    night(3)
    assert (seen(people), Finding.objects.get().status) == ([], "CLOSED")
    tell("A<B", system="erp", at=later(4 * DAY))
    night(5)

    assert [row.status for row in Finding.objects.order_by("id")] == ["CLOSED", "OPEN"]
    said = AuditEntry.objects.filter(verb="finding.look").order_by("id")
    assert said.count() == 3


def test_members_that_name_different_parents_are_found_unless_the_parents_are_one(people):
    tell("A", "B", "C<A", "D<A")
    tell("A", "C<B", "B", "D<A", system="erp", at=later(1))  # D's two parents are one golden record

    night()

    assert seen(people) == [("TWO_PARENTS", label("C"), [label("A"), label("B")])]


def test_parents_one_after_the_other_are_no_contradiction(people):
    send(entity("A"), entity("B"), entity("C", "A", owned_until="2025-12-31"))
    said = entity("C", "B", owned_since="2026-01-01")
    send(Incoming("crm", "company", "C", {**said.payload, "parent": {"system": "erp", "object": "subsidiary", "native_id": "B"}},
                  "legal_entity"))  # fmt: skip

    night()

    assert home("C", system="erp").pk == home("C").pk
    assert home("C").relations["parent"]["native_id"] == "B"
    assert seen(people) == []


def project(native_id, client, **more):
    return Incoming("psa", "job", native_id, {"name": f"Quorl rollout {native_id}", "customer": client}, "project", **more)


def test_the_same_client_in_several_subsidiaries_is_one_golden_record_and_no_finding(people):
    systems.target("psa", is_unique=True)
    said = {"Name": FIRM["name"], "Country": "GB", "City": "Leeds", "Street": "12 Mill Lane", "Website": "kestrelmarine.co.uk"}
    send(*(customer(f"K-{scope}", said, system="psa", scope=scope) for scope in ("uk", "de")))
    send(project("P", {"native_id": "K-uk", "object": "account"}, scope="uk"))

    night()

    links = Crosswalk.objects.filter(valid_to=None, golden__domain="customer")
    assert sorted(links.values_list("record__scope", flat=True)) == ["de", "uk"]
    assert links.values("golden").distinct().count() == 1
    assert (seen(people), MatchPair.objects.filter(status="OPEN").count()) == ([], 0)


def test_a_scope_where_its_projects_need_a_customer_and_it_has_no_record_is_found(people):
    send(customer("K", FIRM, system="psa", scope="uk"), customer("O", OTHER, system="psa"))
    aim = {"native_id": "K", "scope": "uk", "object": "account"}
    send(project("P1", aim, scope="de"), project("P2", aim, scope="de"), project("P3", aim, scope="uk"), project("P4", aim))
    send(project("P5", {"native_id": "O", "scope": ""} | {"object": "account", "scope": " "}, scope="de"))

    night()

    assert [(row.kind, row.scope, row.count, row.example, row.relation) for row in finding_list.page(viewer=people.ada).rows] == [
        ("MISSING_SCOPE", "de", 2, "psa/job/de/P1", "Customer")
    ]
    send(customer("K2", FIRM, system="psa", scope="de"), at=later(2 * DAY))
    night(3)
    assert seen(people) == []


def test_an_accepted_finding_stays_quiet_until_it_changes(people):
    tell("A", "B", "C<A", "D")
    tell("C<B", "B", "A", "D", system="erp", at=later(1))
    night(1)
    row = Finding.objects.get()

    findings.accept(finding_id=row.pk, reason="Half and half.", actor=people.ada, at=later(DAY + 1))
    night(2)

    assert (seen(people), seen(people, status="ACCEPTED")[0][0]) == ([], "TWO_PARENTS")
    assert AuditEntry.objects.get(verb="finding.accept").reason == "Half and half."
    with pytest.raises(IllegalTransition):
        findings.accept(finding_id=row.pk, reason="Again.", actor=people.ada, at=later(DAY + 2))
    tell("C<D", system="erp", at=later(2 * DAY + 1))
    night(3)
    assert seen(people) == [("TWO_PARENTS", label("C"), [label("A"), label("D")])]


def test_who_may_not_or_does_not_see_it_cannot_accept(people):
    circle()
    night()
    number = Finding.objects.get().pk
    abroad = cast.person("cyrus", Role.STEWARD, domains=["customer"], regions=["APAC"])

    with pytest.raises(NotAllowed):
        findings.accept(finding_id=number, reason="So be it.", actor=people.ben, at=NOON)
    with pytest.raises(NotFound):
        findings.accept(finding_id=number, reason="So be it.", actor=abroad, at=NOON)
    with pytest.raises(BadInput):
        findings.accept(finding_id=number, reason=" ", actor=people.ada, at=NOON)
    assert finding_list.page(viewer=abroad).rows == ()


def test_a_worker_that_dies_with_its_chunk_is_followed_by_another(people, monkeypatch):
    circle()
    tell("C", "D<C", "E<D")
    monkeypatch.setattr(findings, "CHUNK", 2)
    machine = permissions.machine()
    schedules.put_standing(actor=machine, at=NOON)
    schedules.tick(actor=machine, at=later(DAY))
    jobs.claim(kind="findings", target="", most=1, actor=machine, at=later(DAY), seconds=60)  # … and is gone
    assert not findings.look_next(actor=machine, at=later(DAY))

    jobs.sweep(actor=machine, at=later(DAY + 2))
    count = 0
    while findings.look_next(actor=machine, at=later(DAY + 2)):
        count += 1

    assert count > 6  # every domain with relations, and customers in more than one chunk
    assert (len(seen(people)), Job.objects.get(kind="findings").status) == (1, "DONE")


def test_a_firm_that_names_nobody_is_not_looked_at(people):
    send(firm("A"), firm("B"))

    night()

    assert Finding.objects.count() == 0
