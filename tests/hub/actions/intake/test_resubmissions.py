"""Bulk resubmission: counted, resumable, in the name of whoever began it, and nothing beyond what it named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from mdm import permissions
from mdm.actions.exchange import jobs
from mdm.actions.governance import releases as releasing
from mdm.actions.intake import resubmissions, resubmit
from mdm.engine import releases
from mdm.errors import BadInput, Conflict, NotAllowed, NotFound
from mdm.models import AuditEntry, Job, QuarantinedRecord, Resubmission, SourceRecord
from mdm.readers.intake import resubmissions as reader
from mdm.rules.governance.roles import Role
from tests import people as cast
from tests.factories.desk import firm as details
from tests.factories.records import customer, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


@pytest.fixture
def refused(firm):
    """Five customers whose country is nonsense, and one without a name."""
    spec = releases.current("customer").spec
    for number in range(5):
        send(customer(f"bad-{number}", {**details(number), "status": "zombie"}, system="crm" if number < 4 else "erp"))
    send(customer("nameless", {"country": "GB"}))
    return spec


@pytest.fixture(autouse=True)
def strict(firm):
    """A wrong status keeps a record out."""
    _status("quarantine", at=NOON)


def _status(on_problem, *, at):
    spec = releases.current("customer").spec
    attributes = tuple(replace(item, on_problem=on_problem) if item.name == "status" else item for item in spec.attributes)
    releasing.publish(spec=replace(spec, attributes=attributes), actor=permissions.machine(), at=at)


def work(at=NOON):
    count = 0
    while resubmissions.work_next(actor=permissions.machine(), at=at):
        count += 1
    return count


def start(actor, **limits):
    return resubmissions.start(actor=actor, at=later(1), reason="statuses are only marked now", **limits)


def ends(run):
    run.refresh_from_db()
    return (run.status, run.taken, run.refused, run.passed)


def test_after_a_rule_change_what_is_good_now_comes_in_and_the_rest_waits_on(refused, people):
    _status("warn", at=later(1))
    run = start(people.ada, code="not_in_list")
    assert (run.expected, run.status) == (5, "RUNNING")

    work(later(2))

    assert ends(run) == ("DONE", 5, 0, 0)
    assert SourceRecord.objects.count() == 5
    assert [row.native_id for row in QuarantinedRecord.objects.filter(status="OPEN")] == ["nameless"]
    assert set(AuditEntry.objects.filter(verb="quarantine.close").values_list("actor", flat=True)) == {"ada"}
    assert AuditEntry.objects.get(verb="quarantine.resubmitted").new == {"taken": 5, "refused": 0, "passed": 0}


def test_what_is_still_bad_stays_with_its_problems(refused, people):
    run = start(people.ada, domain="customer")

    work(later(2))

    assert ends(run) == ("DONE", 0, 6, 0)
    assert QuarantinedRecord.objects.filter(status="OPEN", times=2).count() == 6


def test_it_takes_only_its_system_and_what_waited_when_it_began(refused, people):
    _status("warn", at=later(1))
    run = start(people.ada, system="erp")
    send(customer("late", {"country": "GB"}, system="erp"), at=later(1))

    work(later(2))

    assert ends(run) == ("DONE", 1, 0, 0)
    assert QuarantinedRecord.objects.get(native_id="late").times == 1


def test_a_worker_that_dies_between_two_records_loses_and_repeats_nothing(refused, people, monkeypatch):
    monkeypatch.setattr(resubmissions, "CHUNK", 2)
    _status("warn", at=later(1))
    run = start(people.ada, code="not_in_list")
    whole, seen = resubmit.resubmit, []

    def dies(**said):
        seen.append(said["quarantined_id"])
        if len(seen) == 4:
            raise RuntimeError("killed")
        return whole(**said)

    monkeypatch.setattr(resubmit, "resubmit", dies)
    with pytest.raises(RuntimeError):
        work(later(2))
    assert ends(run) == ("RUNNING", 3, 0, 0)
    assert Job.objects.get(kind="resubmit").status == "RUNNING"
    jobs.sweep(actor=permissions.machine(), at=later(2) + timedelta(minutes=11))
    work(later(2) + timedelta(minutes=11))

    assert ends(run) == ("DONE", 5, 0, 0)
    assert sorted(seen) == sorted([*set(seen), seen[3]])
    assert SourceRecord.objects.count() == 5


def test_what_somebody_closed_meanwhile_is_passed(refused, people, monkeypatch):
    run = start(people.ada, code="not_in_list")
    whole = resubmissions._end_of

    def closes(number, actor, *, at):
        QuarantinedRecord.objects.filter(pk=number).update(status="DISCARDED", closed_at=at)
        return whole(number, actor, at=at)

    monkeypatch.setattr(resubmissions, "_end_of", closes)
    work(later(2))

    assert ends(run) == ("DONE", 0, 0, 5)


def test_it_acts_as_whoever_began_it_and_no_further(refused, people):
    send(customer("far", {"country": "AU", "status": "zombie", "name": "Roo Pty"}), at=later(1))
    _status("warn", at=later(1))
    confined = cast.person("confined", Role.STEWARD, regions=["APAC"])
    run = start(confined, code="not_in_list")
    assert run.expected == 1 == reader.count(viewer=confined, code="not_in_list")

    work(later(2))

    assert ends(run) == ("DONE", 1, 0, 0)
    assert [row.native_id for row in SourceRecord.objects.all()] == ["far"]
    assert reader.one(run.pk, viewer=people.ada) == run
    with pytest.raises(NotFound):
        reader.one(run.pk, viewer=people.cy)


def test_it_is_refused_without_limit_reason_right_or_record(refused, people):
    with pytest.raises(BadInput, match="Name a cause"):
        start(people.ada)
    with pytest.raises(BadInput, match="Give a reason"):
        resubmissions.start(actor=people.ada, at=NOON, reason=" ", code="missing")
    with pytest.raises(NotAllowed):
        start(people.ben, code="missing")
    with pytest.raises(Conflict, match="Nothing waits"):
        start(people.ada, code="never_seen")
    start(people.ada, code="missing")
    with pytest.raises(Conflict, match="is under way"):
        start(people.ada, code="missing")
    assert Resubmission.objects.count() == 1


def test_the_api_counts_first_and_tells_how_far_it_is(refused, people, api):
    ada = api(people.ada)

    counted = ada.post("quarantine:resubmit", {"code": "not_in_list", "dry_run": True})
    assert (counted.status_code, counted.json()["expected"], Resubmission.objects.count()) == (200, 5, 0)
    begun = ada.post("quarantine:resubmit", {"code": "not_in_list", "reason": "mended"})
    assert (begun.status_code, begun.json()["status"]) == (202, "RUNNING")
    work(timezone.now())
    assert ada.get(f"quarantine/resubmissions/{begun.json()['id']}").json()["refused"] == 5
    for body in ({"code": 7}, {"code": "x" * 300}, {"dry_run": "yes"}, {"code": "a\u0000"}, {"code": "\ud800"}, []):
        assert ada.post("quarantine:resubmit", body).status_code == 400
    assert ada.get("quarantine/resubmissions/999").status_code == 404
