"""P10: the hub never hears its own echo."""

from __future__ import annotations

import pytest

from connectors import deliver, extract
from mdm.models import Delivery, Event, Golden, Job, SourceVersion
from tests.factories import states, systems
from tests.factories.records import customer, home, record, send
from tests.factories.times import later
from tests.fakes import FakeSystem, Killed

pytestmark = pytest.mark.django_db

THEIRS = {"Name": "KESTREL MARINE", "Country": "GB", "City": "Leeds", "Zip": "LS1 4AB", "Website": "kestrelmarine.co.uk"}
OURS = {
    "name": "Kestrel Marine Ltd",
    "country": "GB",
    "city": "Leeds",
    "postcode": "LS1 4AB",
    "domain": "kestrelmarine.co.uk",
    "address": "12 Mill Lane",
}


@pytest.fixture
def sfa(firm):
    """A target with one row, joined to a record of the ERP that has a better name and a street; everything delivered."""
    systems.target("sfa")
    fake = FakeSystem("sfa").report()
    fake.put("account", "1", **THEIRS)
    return fake


def settle(fake):
    """Pull, join, push."""
    extract.pull("sfa")
    send(customer("e1", OURS, system="erp"))
    push()


def push():
    while deliver.work("sfa"):
        pass


def counts():
    return {model.__name__: model.objects.count() for model in (SourceVersion, Event, Job)} | {
        "golden": list(Golden.objects.order_by("id").values_list("version", flat=True)),
        "wishes": list(Job.objects.order_by("id").values_list("wanted", "done", "status")),
    }


def hear(fake):
    """The next extract, from the beginning, as after a lost cursor too; returns whether anything came of it."""
    before = counts()
    extract.pull("sfa")
    push()
    return counts() != before


def test_p10_a_push_stamps_the_id_and_what_survived(sfa):
    settle(sfa)

    assert sfa.row("1")["HubId"] == home("1", system="sfa").enterprise_id
    assert sfa.row("1")["Street"] == "12 Mill Lane"
    assert [job.status for job in Job.objects.all()] == ["DONE"]


def test_p10_a_push_that_comes_back_makes_no_version_no_event_no_push(sfa):
    settle(sfa)
    writes = len(sfa.journal)

    assert not hear(sfa)
    assert not hear(sfa)

    assert len(sfa.journal) == writes == 1


@pytest.mark.parametrize(
    "spell",
    [
        lambda path, value: value.upper() if path in {"Name", "Street"} else value,
        lambda path, value: value[:10] if path == "Name" else value,
        lambda path, value: f"  {value} " if path == "Street" else value,
    ],
    ids=["upper case", "cut to its length", "spaces"],
)
def test_p10_what_the_target_made_of_a_value_is_still_an_echo(sfa, spell):
    sfa.spell = spell
    settle(sfa)
    writes = len(sfa.journal)

    assert not hear(sfa)

    assert len(sfa.journal) == writes
    assert record("1", system="sfa").attributes["name"] == "KESTREL MARINE"


def test_p10_a_person_there_is_heard_field_by_field(sfa):
    """Somebody edits one field of a row that holds our values: that field is news, ours are not the system's word."""
    settle(sfa)
    sfa.put("account", "1", Phone="+44 113 496 0001")

    assert hear(sfa)

    mine = record("1", system="sfa")
    assert mine.attributes["phone"] == "+441134960001"
    assert "address" not in mine.attributes
    assert mine.attributes["name"] == "KESTREL MARINE"
    assert home("1", system="sfa").values["phone"] == "+441134960001"
    assert home("1", system="sfa").provenance["address"]["system"] == "erp"
    assert not hear(sfa)


def test_p10_a_value_there_changed_to_another_is_the_systems_own_word(sfa):
    settle(sfa)
    sfa.put("account", "1", Street="99 New Street")

    assert hear(sfa)

    assert record("1", system="sfa").attributes["address"] == "99 New Street"


def test_p10_the_echo_of_a_push_whose_answer_was_lost_is_known(sfa):
    """The process dies after the target took the write and before we noted it."""

    extract.pull("sfa")
    send(customer("e1", OURS, system="erp"))
    sfa.die = "after write"
    with pytest.raises(Killed):
        deliver.work("sfa")
    assert sfa.row("1")["Street"] == "12 Mill Lane"

    extract.pull("sfa")

    assert "address" not in record("1", system="sfa").attributes
    assert states.faults() == []


def test_p10_two_targets_settle_in_one_round(sfa):
    systems.target("tool")
    tool = FakeSystem("tool", spell=lambda path, value: value.upper()).report()
    tool.put("account", "9", **{**THEIRS, "Name": "Kestrel Marine Limited"})
    settle(sfa)
    extract.pull("tool")
    for _ in range(2):
        push()
        while deliver.work("tool"):
            pass
        extract.pull("sfa")
        extract.pull("tool")
    writes, events = len(sfa.journal) + len(tool.journal), Event.objects.count()

    for _ in range(3):
        extract.pull("sfa")
        extract.pull("tool")
        push()
        while deliver.work("tool"):
            pass

    assert (len(sfa.journal) + len(tool.journal), Event.objects.count()) == (writes, events)
    assert not Job.objects.exclude(status="DONE").exists()


def test_p10_the_first_word_of_the_system_after_a_push_is_not_lost(sfa):
    """A push while the system's own change was already on its way: the change counts, the pushed field does not."""
    settle(sfa)
    send(customer("1", {**THEIRS, "Phone": "+44 113 496 0005"}, system="sfa", updated_at=later(-5)), at=later(1))

    assert record("1", system="sfa").attributes["phone"] == "+441134960005"


def test_p10_a_delivery_notes_what_was_sent_and_what_was_held(sfa):
    sfa.spell = lambda path, value: value.upper() if path == "Street" else value
    settle(sfa)

    noted = Delivery.objects.get(record=record("1", system="sfa"))

    assert (noted.sent["address"], noted.held["address"], noted.outcome) == ("12 Mill Lane", "12 MILL LANE", "normalised")
    assert noted.enterprise_id == home("1", system="sfa").enterprise_id
