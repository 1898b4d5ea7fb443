"""Change requests: asked once, decided by one or two who did not ask, expired by themselves, weighed by their money."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdm.actions.exchange import schedules
from mdm.actions.governance import change_requests, request_upkeep
from mdm.errors import BadInput, Conflict, IllegalTransition, NotAllowed, NotFound, StaleVersion
from mdm.models import AuditEntry, ChangeRequest, GoldenVersion, Job, Override
from mdm.readers.governance import change_requests as requests
from mdm.rules.governance.ownership import Requests, SecondPerson
from mdm.tasks import requests as task
from tests.factories import owned, states
from tests.factories.money import contract, to_customer
from tests.factories.owned import CRM, LEDGER, NEW, OLD, says
from tests.factories.records import OTHER, customer, home, send
from tests.factories.regrouped import merge
from tests.factories.threads import together
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def ask(*, actor, attribute="city", value="York", at=NOON, reason="they moved", native_id="1"):
    golden = home(native_id)
    return change_requests.ask(
        enterprise_id=golden.enterprise_id, attribute=attribute, value=value, reason=reason, actor=actor, at=at
    )


def say(verb, row, *, actor, at=NOON, version=None, reason="as the test says"):
    row.refresh_from_db()
    return getattr(change_requests, verb)(
        request_id=row.pk, seen_version=version or row.version, actor=actor, at=at, reason=reason
    )


@pytest.fixture
def moved(people):
    """Ben, who may only look, says that the customer moved to York."""
    send(customer("1"))
    return ask(actor=people.ben)


def test_who_may_only_look_may_ask_and_a_steward_makes_it_golden(moved, people):
    row = say("approve", moved, actor=people.ada, at=later(1))

    golden = home("1")
    assert (row.status, golden.values["city"]) == ("APPLIED", "York")
    assert golden.provenance["city"]["why"] == f"Pinned by ada: Change request {row.pk}: as the test says"
    assert row.override == Override.objects.get(ended_at=None)
    verbs = ["request.ask", "request.apply"]
    assert [entry.verb for entry in AuditEntry.objects.filter(subject=f"change_request:{row.pk}").order_by("id")] == verbs
    assert states.faults() == []


def test_nothing_can_be_asked_for_as_well(people):
    send(customer("1"))
    row = ask(actor=people.ben, value=None)

    say("approve", row, actor=people.ada, at=later(1))

    assert "city" not in home("1").values


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"reason": " "}, BadInput),
        ({"value": "Leeds"}, Conflict),
        ({"attribute": "colour"}, NotFound),
        ({"attribute": "country", "value": "Nowhereland"}, BadInput),
        ({"attribute": "name", "value": None}, BadInput),
        ({"attribute": "phone", "value": NEW}, NotAllowed),
    ],
    ids=["no reason", "golden already", "no attribute", "fails its check", "required", "hidden from the role"],
)
def test_what_makes_no_sense_is_refused_and_asks_nothing(people, more, error):
    send(customer("1"))

    with pytest.raises(error):
        ask(actor=people.ben, **more)

    assert not ChangeRequest.objects.exists()


def test_the_same_wish_waits_once_and_may_be_uttered_again_after_its_answer(moved, people):
    with pytest.raises(Conflict, match=f"Change request {moved.pk} asks for this already"):
        ask(actor=people.dee)
    say("refuse", moved, actor=people.ada)

    assert ask(actor=people.dee).status == "OPEN"


def test_nobody_decides_on_their_own_wish_and_others_do_not_take_it_back(people):
    send(customer("1"))
    row = ask(actor=people.ada)

    with pytest.raises(NotAllowed, match="You asked for this yourself"):
        say("approve", row, actor=people.ada)
    with pytest.raises(NotAllowed, match="Only who asked"):
        say("withdraw", row, actor=people.dee)

    assert say("withdraw", row, actor=people.ada).status == "WITHDRAWN"


def test_what_a_system_asks_is_not_taken_back_by_people(people):
    owned.declare()
    says(LEDGER, OLD)
    says(CRM, NEW)

    with pytest.raises(Conflict, match="refuse it instead"):
        say("withdraw", owned.the_request(), actor=people.ada)


def test_only_stewards_decide_and_only_within_their_confines(moved, people):
    for verb in ("approve", "refuse"):
        with pytest.raises(NotAllowed):
            say(verb, moved, actor=people.oli)
        with pytest.raises(NotFound):
            say(verb, moved, actor=people.cy)
    with pytest.raises(NotFound):
        change_requests.comment(request_id=moved.pk, text="hello", actor=people.cy, at=NOON)
    with pytest.raises(NotAllowed):
        change_requests.comment(request_id=moved.pk, text="hello", actor=people.pia, at=NOON)

    assert owned.the_request().status == "OPEN"


def test_an_answer_is_given_once_and_on_what_was_seen(moved, people):
    with pytest.raises(StaleVersion):
        say("approve", moved, actor=people.ada, version=7)
    with pytest.raises(BadInput, match="needs a reason"):
        say("refuse", moved, actor=people.ada, reason=" ")
    say("refuse", moved, actor=people.ada)

    for verb, actor in (("approve", people.dee), ("refuse", people.dee), ("withdraw", people.ben)):
        with pytest.raises(IllegalTransition):
            say(verb, moved, actor=actor)
    assert home("1").values["city"] == "Leeds"


def test_a_page_drawn_before_the_golden_value_changed_approves_nothing(moved, people):
    send(customer("1", {**OTHER, "city": "Bremen"}), at=later(1))

    with pytest.raises(StaleVersion):
        say("approve", moved, actor=people.ada, version=1)
    moved.refresh_from_db()
    assert (moved.old_value, moved.version) == ("Bremen", 2)


@pytest.mark.parametrize(
    "limits",
    [SecondPerson(money=100_000), SecondPerson(sensitivities=("public",)), SecondPerson(criticality=2)],
    ids=["money", "sensitivity", "criticality"],
)
def test_above_a_limit_a_second_person_has_to_approve(people, limits):
    owned.declare(change_requests=Requests(second_person=limits))
    send(customer("1"))
    send(contract("C-1", amount="150000", customer=to_customer("1")))
    row = ask(actor=people.ben)

    say("approve", row, actor=people.ada, at=later(1))
    assert (home("1").values["city"], owned.the_request().status) == ("Leeds", "APPROVED")
    with pytest.raises(NotAllowed, match="a second person has to"):
        say("approve", row, actor=people.ada, at=later(2))
    say("approve", row, actor=people.dee, at=later(3))

    row.refresh_from_db()
    assert (home("1").values["city"], row.status) == ("York", "APPLIED")
    assert (row.first_by, row.closed_by) == (people.ada, people.dee)


@pytest.mark.parametrize(
    "limits", [SecondPerson(money=150_001), SecondPerson(sensitivities=("restricted",)), SecondPerson(criticality=1)]
)
def test_below_the_limits_one_is_enough(people, limits):
    owned.declare(change_requests=Requests(second_person=limits))
    send(customer("1"))
    send(contract("C-1", amount="150000", customer=to_customer("1")))
    row = ask(actor=people.ben)

    assert say("approve", row, actor=people.ada, at=later(1)).status == "APPLIED"


def test_what_the_first_approved_the_second_may_refuse(people):
    owned.declare(change_requests=Requests(second_person=SecondPerson(criticality=2)))
    send(customer("1"))
    row = ask(actor=people.ben)
    say("approve", row, actor=people.ada)

    assert say("refuse", row, actor=people.dee).status == "REFUSED"
    assert home("1").values["city"] == "Leeds"


@pytest.mark.django_db(transaction=True)
def test_stewards_who_answer_at_once_while_the_systems_speak_make_one_answer(moved, people):
    owned.declare()
    records = [lambda number=number: says(CRM, f"+44113496000{number}", at=later(number)) for number in range(4)]
    answers = [
        lambda verb=verb, actor=actor: say(verb, ChangeRequest.objects.get(pk=moved.pk), actor=actor, at=later(9), version=1)
        for verb, actor in (("approve", people.ada), ("approve", people.dee), ("refuse", people.zoe))
    ]

    raised = together([*records, *answers])

    assert sorted(type(error).__name__ for error in raised) == ["StaleVersion", "StaleVersion"]
    moved.refresh_from_db()
    assert (home("1").values["city"] == "York") is (moved.status == "APPLIED")
    assert Override.objects.count() == (moved.status == "APPLIED")
    assert states.faults() == []


def test_unanswered_it_expires_at_night_and_its_value_asks_no_more(people):
    owned.declare(change_requests=Requests(expire_days=10))
    says(LEDGER, OLD)
    says(CRM, NEW)
    night = NOON + timedelta(days=11)
    schedules.put_standing(actor=people.hub, at=NOON)
    schedules.tick(actor=people.hub, at=NOON + timedelta(days=9))
    assert request_upkeep.expire(actor=people.hub, at=NOON + timedelta(days=9)) == 0

    Job.objects.filter(kind="requests").update(due_at=NOON)
    assert task.work("")

    row = owned.the_request()
    assert (row.status, row.closed_by) == ("EXPIRED", people.hub)
    says(CRM, NEW, at=night, city="Hull")
    assert owned.waiting() == []
    assert not task.work("")


def test_a_frozen_value_never_expires(people):
    owned.ownerless()
    owned.fight(4)

    assert request_upkeep.expire(actor=people.hub, at=NOON + timedelta(days=9_999)) == 0
    assert [row.kind for row in owned.waiting()] == ["CONTEST"]


def test_the_money_behind_a_request_orders_the_queue(people):
    send(customer("1"), customer("2", OTHER))
    send(contract("C-1", amount="150000", customer=to_customer("2")))
    poor, rich = ask(actor=people.ben), ask(actor=people.ben, native_id="2")

    while request_upkeep.weigh(actor=people.hub, at=later(1)):
        pass

    found = requests.page(requests.Wanted(), viewer=people.dee)
    assert [row.id for row in found.rows] == [rich.pk, poor.pk]
    assert [(stake.domain, dict(stake.sums)) for stake in found.rows[0].money] == [("contract", {"EUR": 150_000})]
    assert requests.page(requests.Wanted(), viewer=people.dee, limit=1).next == rich.pk
    assert [row.id for row in requests.page(requests.Wanted(), viewer=people.dee, after=rich.pk).rows] == [poor.pk]
    assert request_upkeep.weigh(actor=people.hub, at=later(2)) == 0
    assert request_upkeep.weigh(actor=people.hub, at=later(2_000)) == 2


def test_a_steward_who_skips_comes_round_the_queue_without_their_own(people):
    send(customer("1"), customer("2", OTHER))
    first, second = ask(actor=people.ben), ask(actor=people.ben, native_id="2")
    ask(actor=people.ada, attribute="city", value="Hull")

    assert requests.following(first.pk, viewer=people.ada) == second.pk
    assert requests.following(second.pk, viewer=people.ada) == first.pk


def test_asking_and_answering_cost_the_others_no_version(moved, people):
    before = GoldenVersion.objects.count()

    change_requests.comment(request_id=moved.pk, text="who says so?", actor=people.ada, at=NOON)
    say("refuse", moved, actor=people.ada)

    assert GoldenVersion.objects.count() == before
    assert [one.text for one in moved.comments.all()] == ["who says so?"]
    assert AuditEntry.objects.filter(verb="request.comment").count() == 1


def test_a_merged_record_is_asked_about_no_more_its_survivor_is(moved, people):
    send(customer("2", OTHER))
    merge(home("1"), home("2"), keep=home("2").enterprise_id, actor=people.ada, at=later(1))

    say("approve", moved, actor=people.dee, at=later(2))

    assert home("2").values["city"] == "York"
    assert states.faults() == []
