"""A rebuild of everything gives what stands; a change of any byte is named."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from mdm import permissions
from mdm.actions.exchange import sequence
from mdm.actions.governance import releases as releasing
from mdm.engine import releases
from mdm.models import ChangeSet, Crosswalk, Event, Golden, GoldenVersion, Job, MatchKey, MatchPair, Override, SourceRecord
from mdm.readers.governance.rebuilding import feed, goldens, partition
from tests.factories import firms, organisations
from tests.factories.histories import History
from tests.factories.pinned import pin
from tests.factories.records import FIRM, customer, home, record, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def verify(what):
    call_command("verify", what)


@pytest.fixture
def world(firm, people):
    """A lived-in hub: arrivals, changes, deletions, decisions and undos, and relations."""
    History(random.Random(21), people.dee, organisations.organisations(random.Random(21), 10, common=0.4)).run(40)
    send(customer("1", {**FIRM, "legal_entity": {"native_id": "LE-1", "object": "entity"}}), at=later(500))
    pin(home("1"), "city", "York", actor=people.dee, at=later(501))
    sequence.drain()


def test_a_lived_in_hub_is_what_it_was_made_of(world, capsys):
    verify("all")

    said = capsys.readouterr().out
    live, versions, events = (rows.count() for rows in (Golden.objects.live(), GoldenVersion.objects, Event.objects))
    assert f"golden: {live} golden records are what their members give" in said
    assert f"golden: {versions} kept versions are what they were made of" in said
    assert f"events: {events} fit their golden records" in said


@pytest.mark.parametrize("chunk", [1, 3])
def test_the_size_of_the_chunks_does_not_matter(world, chunk):
    found = [goldens.present(chunk=chunk), goldens.kept(chunk=chunk), partition.check(chunk=chunk), feed.check(chunk=chunk)]

    assert [each.fault for each in found] == ["", "", "", ""]
    assert found[0].counted == Golden.objects.live().count()
    assert found[2].counted == SourceRecord.objects.filter(is_live=True).count()
    assert found[3].counted == Event.objects.count()


# One byte elsewhere, and what is said of it.


@pytest.fixture
def two(firm, people):
    """Two golden records, one of two members, the other asked about."""
    send(*firms.alike("Quorl", "crm", "erp", phone="+44 113 496 0001"), at=NOON)
    send(*firms.alike("Quorl", "crm", phone="+44 113 496 0002"), at=later(1))
    send(*firms.doubtful("Ulmqua"), at=later(2))
    sequence.drain()
    return home("Quorl-crm")


def golden_row(row):
    Golden.objects.filter(pk=row.pk).update(values={**row.values, "city": "Elsewhere"})


def golden_reason(row):
    why = {**row.provenance, "city": {**row.provenance["city"], "why": "Because."}}
    Golden.objects.filter(pk=row.pk).update(provenance=why)


def pinned_unheard(row):
    steward = permissions.machine()
    act = ChangeSet.objects.create(kind="pin", at=NOON, actor=steward, domain="customer")
    Override.objects.create(
        golden=row, carrier=row, attribute="city", value="York", made_by=steward, made_at=NOON, change_set=act
    )  # fmt: skip


def past_version(row):
    GoldenVersion.objects.filter(golden=row, version=1).update(values={**row.values, "city": "Elsewhere"})


def number_as_text(row):
    Golden.objects.filter(pk=row.pk).update(values={**row.values, "is_new": True})


def standardised(row):
    SourceRecord.objects.filter(native_id="Quorl-crm").update(attributes={**row.values, "name": "Vexpol Ltd"})


def key_gone(row):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mdm_matchkey WHERE (key, record_id) IN (SELECT key, record_id FROM mdm_matchkey LIMIT 1)")


def weight(row):
    MatchPair.objects.filter(left__native_id="Ulmqua-a").update(weight=99)


def pair_gone(row):
    MatchPair.objects.filter(left__native_id="Ulmqua-a").delete()


def moved(row):
    Crosswalk.objects.filter(record=record("Quorl-erp", system="erp")).update(golden=home("Ulmqua-a"))


def event_gone(row):
    Event.objects.filter(golden=row, sequence=2).delete()


def event_position(row):
    Event.objects.filter(position=Event.objects.count()).update(position=10_000)


def event_order(row):
    first, second = Event.objects.filter(golden=row).order_by("sequence")[:2]
    Event.objects.filter(pk=first.pk).update(position=None)
    Event.objects.filter(pk=second.pk).update(position=first.position)
    Event.objects.filter(pk=first.pk).update(position=second.position)


def event_silent(row):
    Event.objects.filter(golden=row, sequence=2).update(data={"changed": []})


def event_type(row):
    Event.objects.filter(golden=row, sequence=2).update(type="concord.customer.merged.v1")


def release_unsaid(row):
    spec = releases.current("customer").spec
    for number, title in enumerate(("Client", "Account"), 5):
        releasing.publish(spec=replace(spec, title=title), actor=permissions.machine(), at=later(number))
    Event.objects.filter(golden=None).latest("id").delete()


def release_unmade(row):
    first = Event.objects.filter(golden=row).latest("id")
    Event.objects.create(type="concord.customer.released.v1", domain="customer", sequence=9, data={}, at=first.at)


def last_version(row):
    GoldenVersion.objects.filter(golden=row, version=row.version).update(status="RETIRED")
    Event.objects.filter(golden=row, sequence=row.version).update(type="concord.customer.retired.v1")


@pytest.mark.parametrize(
    ("tamper", "what", "words"),
    [
        (golden_row, "golden", "is stored otherwise than its members give it: city"),
        (golden_reason, "golden", "is stored otherwise than its members give it: why city"),
        (pinned_unheard, "golden", "is stored otherwise than its members give it: city"),
        (number_as_text, "golden", "is stored otherwise than its members give it: is_new"),
        (past_version, "golden", "version 1 cannot be computed again as it was stored"),
        (standardised, "golden", "crm/account//Quorl-crm is standardised otherwise"),
        (key_gone, "golden", "has other match keys than its values give it"),
        (weight, "golden", "The pair of crm/account//Ulmqua-a and erp/account//Ulmqua-b is stored otherwise"),
        (pair_gone, "golden", "The pair of crm/account//Ulmqua-a and erp/account//Ulmqua-b is stored otherwise"),
        (moved, "golden", "Records are grouped otherwise than the model and the decisions give it"),
        (event_gone, "events", "The feed has a gap after position"),
        (event_position, "events", "The feed has a gap after position"),
        (event_order, "events", "do not stand in the feed in their order"),
        (event_silent, "events", "version 2: the event does not tell what changed"),
        (event_type, "events", "version 2: an event concord.customer.merged.v1 does not make it LIVE"),
        (release_unsaid, "events", "The releases of customer are 2 to 3"),
        (release_unmade, "events", "its events tell of 9 to 9"),
        (last_version, "events", "What was told of"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_was_changed_behind_the_hubs_back_is_named(two, tamper, what, words):
    verify("golden")
    verify("events")
    tamper(two)

    with pytest.raises(CommandError, match=words) as refused:
        verify(what)

    assert "Elsewhere" not in str(refused.value)
    with pytest.raises(CommandError, match=words):
        verify("all")


def test_records_of_an_older_match_model_wait_to_be_matched_anew(two):
    MatchKey.objects.all().delete()
    SourceRecord.objects.update(release=1)
    spec = releases.current("customer").spec
    releasing.publish(spec=replace(spec, match=replace(spec.match, auto=0.999)), actor=permissions.machine(), at=later(5))

    verdict = partition.check()

    assert (verdict.counted, verdict.fault) == (0, "")


def test_a_release_of_other_rules_alone_leaves_the_grouping_to_be_checked(two):
    spec = releases.current("customer").spec
    releasing.publish(spec=replace(spec, title="Client"), actor=permissions.machine(), at=later(5))

    assert partition.check().counted == SourceRecord.objects.count()


def test_a_component_that_waits_to_be_clustered_is_left_to_its_job(two):
    moved(two)
    first = record("Quorl-crm").pk
    Job.objects.create(kind="cluster", key=f"customer:{first}", subject=first, due_at=NOON, created_at=NOON, changed_at=NOON)

    assert partition.check().fault == ""
