"""Reserved IDs: whose they are, how they end, and that every end is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdm import outbox, permissions, ports
from mdm.actions.golden.ids import reservations
from mdm.errors import BadCheckCharacter, BadInput, IllegalTransition, NotAllowed, NotFound, TooLarge
from mdm.models import AuditEntry, Job, Reservation
from mdm.rules.golden import enterprise_id
from tests.factories import ids, states
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def release(*names, actor, at=NOON, reason=""):
    return reservations.release(enterprise_ids=list(names), actor=actor, at=at, reason=reason)


def test_a_reservation_has_an_owner_a_purpose_and_an_end(people):
    names = ids.reserve(3, actor=people.ada, minutes=30)

    rows = Reservation.objects.order_by("id")
    assert [row.enterprise_id for row in rows] == names
    assert {(row.owner, row.purpose, row.status, row.expires_at) for row in rows} == {
        (people.ada, "a fair", "RESERVED", later(30))
    }
    assert AuditEntry.objects.get(verb="id.reserve").new["ids"] == names


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"count": 101}, TooLarge),
        ({"count": 0}, BadInput),
        ({"lasting": timedelta(0)}, BadInput),
        ({"lasting": timedelta(days=367)}, BadInput),
        ({"purpose": "  "}, BadInput),
        ({"purpose": "x" * 201}, BadInput),
        ({"purpose": "a\x00b"}, BadInput),
        ({"domain": "nonsense"}, NotFound),
    ],
)
def test_what_cannot_be_reserved_is_refused_and_takes_no_id(people, more, refusal):
    said = {"domain": "customer", "count": 1, "lasting": timedelta(hours=1), "purpose": "a fair", **more}

    with pytest.raises(refusal):
        reservations.reserve(**said, actor=people.ada, at=NOON)

    assert not Reservation.objects.exists()


def test_only_those_who_write_records_reserve_and_only_in_their_domains(people):
    with pytest.raises(NotAllowed):
        ids.reserve(actor=people.ben)
    with pytest.raises(NotAllowed):
        ids.reserve(actor=people.cy)


def test_a_released_id_is_given_back_once_and_says_why(people):
    name = ids.reserve(actor=people.ada)[0]

    release(name.lower(), actor=people.ada, at=later(5), reason="no fair this year")

    row = Reservation.objects.get()
    assert (row.status, row.ended_at, row.ended_by, row.reason) == ("RELEASED", later(5), people.ada, "no fair this year")
    with pytest.raises(IllegalTransition):
        release(name, actor=people.ada)


def test_ids_of_others_are_released_by_those_who_answer_for_others(people):
    name = ids.reserve(actor=people.ada)[0]

    with pytest.raises(NotAllowed):
        release(name, actor=people.oli)
    assert release(name, actor=people.dee)[0].status == "RELEASED"


def test_a_release_is_all_or_nothing(people):
    one, two = ids.reserve(2, actor=people.ada)
    release(one, actor=people.ada)

    for wrong, refusal in ((one, IllegalTransition), ("CUS-00000000", BadCheckCharacter), ("nonsense", BadInput)):
        with pytest.raises(refusal):
            release(two, wrong, actor=people.ada)
    with pytest.raises(NotFound):
        release(two, enterprise_id.make("CUS", 9_999_999), actor=people.ada)
    assert Reservation.objects.get(enterprise_id=two).status == "RESERVED"


def renew(*names, actor, at=NOON, minutes=60):
    return reservations.renew(enterprise_ids=list(names), lasting=timedelta(minutes=minutes), actor=actor, at=at)


def test_a_reservation_is_held_for_longer_counted_from_now_and_is_no_longer_due(people):
    one, two = ids.reserve(2, actor=people.ada, minutes=30)

    renew(one.lower(), actor=people.ada, at=later(20), minutes=40)
    reservations.lapse(actor=permissions.machine(), at=later(45))

    rows = {row.enterprise_id: row for row in Reservation.objects.all()}
    assert (rows[one].status, rows[one].expires_at, rows[two].status) == ("RESERVED", later(60), "LAPSED")
    assert AuditEntry.objects.get(verb="id.renew").new == {"ids": [one], "expires_at": later(60).isoformat()}


@pytest.mark.parametrize("end", ["released", "lapsed", "over, but the night did not come yet"])
def test_what_is_no_longer_held_cannot_be_held_for_longer_nor_can_others_with_it(people, end):
    one, two = ids.reserve(1, actor=people.ada, minutes=10)[0], ids.reserve(1, actor=people.ada)[0]
    if end == "released":
        release(one, actor=people.ada)
    elif end == "lapsed":
        reservations.lapse(actor=permissions.machine(), at=later(11))

    with pytest.raises(IllegalTransition, match=f"{one} is no longer held"):
        renew(two, one, actor=people.ada, at=later(11), minutes=600)
    assert Reservation.objects.get(enterprise_id=two).expires_at == later(60)


def test_only_who_may_release_a_reservation_may_renew_it_and_not_for_ever(people):
    name = ids.reserve(actor=people.ada)[0]

    for actor, refusal in ((people.ben, NotAllowed), (people.oli, NotAllowed), (people.cy, NotFound)):
        with pytest.raises(refusal):
            renew(name, actor=actor)
    for minutes in (0, 367 * 24 * 60):
        with pytest.raises(BadInput):
            renew(name, actor=people.ada, minutes=minutes)
    assert renew(name, actor=people.dee, minutes=90)[0].expires_at == later(90)


def test_what_lies_in_another_domain_is_not_known(people):
    name = ids.reserve(actor=people.ada)[0]

    with pytest.raises(NotFound):
        release(name, actor=people.cy)


def test_the_nightly_job_lapses_those_whose_time_is_over_and_no_others(people):
    over, open_ = ids.reserve(minutes=10)[0], ids.reserve(minutes=30)[0]
    outbox.want([outbox.Wish(kind="lapse", key="lapse:")], at=later(20))

    assert reservations.lapse_next(actor=permissions.machine(), at=later(20))
    assert not reservations.lapse_next(actor=permissions.machine(), at=later(20))

    assert Reservation.objects.get(enterprise_id=over).status == "LAPSED"
    assert Reservation.objects.get(enterprise_id=open_).status == "RESERVED"
    assert AuditEntry.objects.get(verb="id.lapsed").new == {"ids": [over]}
    assert Job.objects.get().status == "DONE"
    assert ports.handler("lapse") is not None
    assert states.faults() == []


def test_more_lapse_than_one_transaction_takes(people, monkeypatch):
    monkeypatch.setattr(reservations, "CHUNK", 2)
    ids.reserve(5, minutes=1)

    assert reservations.lapse(actor=permissions.machine(), at=later(2)) == 5
    with pytest.raises(NotAllowed):
        reservations.lapse(actor=people.ada, at=later(2))
