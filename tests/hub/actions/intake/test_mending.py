"""Mending a refused record and sending it in again."""

from __future__ import annotations

import pytest

from mdm.actions.intake import mending
from mdm.errors import IllegalTransition, NotFound, StaleVersion
from mdm.models import AuditEntry, QuarantinedRecord
from tests.factories import records, systems
from tests.factories.times import later
from tests.people import People

pytestmark = pytest.mark.django_db

BAD = {"country": "GB", "city": "Leeds"}
GOOD = {**BAD, "name": "Kestrel Marine Ltd"}


@pytest.fixture
def refused(people: People) -> QuarantinedRecord:
    systems.declare()
    records.send(records.customer("A-1", BAD))
    return QuarantinedRecord.objects.get()


def mend(row: QuarantinedRecord, people: People, payload=GOOD, version: int | None = None):
    return mending.mend(quarantined_id=row.pk, payload=payload, seen_version=version or row.version, actor=people.ada, at=later())


def test_a_mended_record_comes_in(refused: QuarantinedRecord, people: People):
    mended = mend(refused, people)

    assert mended.outcome.status == "created"
    assert mended.outcome.enterprise_id == records.home("A-1").enterprise_id


def test_the_edit_is_audited_with_old_and_new(refused: QuarantinedRecord, people: People):
    mend(refused, people)

    entry = AuditEntry.objects.get(verb="quarantine.edit")
    assert (entry.actor, entry.old["payload"], entry.new["payload"]) == ("ada", BAD, GOOD)


def test_without_an_edit_it_is_only_sent_in_again(refused: QuarantinedRecord, people: People):
    assert mend(refused, people, payload=BAD).outcome.status == "quarantined"
    assert not AuditEntry.objects.filter(verb="quarantine.edit").exists()


def test_a_record_of_an_unknown_system_is_given_the_right_one(people: People):
    systems.declare()
    records.send(records.customer("A-1", GOOD, system="cmr"))
    row = QuarantinedRecord.objects.get()

    mended = mending.mend(
        quarantined_id=row.pk, payload=GOOD, key={"system": "crm"}, seen_version=row.version, actor=people.ada, at=later()
    )

    assert mended.outcome.status == "created"
    assert records.home("A-1").status == "LIVE"


def test_an_edit_of_an_old_page_is_refused_and_nothing_is_sent(refused: QuarantinedRecord, people: People):
    mend(refused, people, payload={**BAD, "city": "York"})

    with pytest.raises(StaleVersion):
        mend(refused, people, version=1)
    assert QuarantinedRecord.objects.get(status="OPEN").payload["city"] == "York"


def test_what_is_closed_or_not_there_is_refused(refused: QuarantinedRecord, people: People):
    mend(refused, people)
    refused.refresh_from_db()

    with pytest.raises(IllegalTransition):
        mend(refused, people, payload=refused.payload)
    with pytest.raises(NotFound):
        mending.mend(quarantined_id=0, payload={}, seen_version=1, actor=people.ada, at=later())
