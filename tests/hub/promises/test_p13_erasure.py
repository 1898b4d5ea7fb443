"""P13: a person's data is gone from everywhere, the trail still verifies, and the person does not come back unnoticed."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mdm.actions.exchange import jobs, reconcile, sequence
from mdm.actions.golden import refreshing
from mdm.actions.governance import change_requests, erasures, quality
from mdm.actions.intake import bulk, mending, resubmit
from mdm.engine.preparing import Incoming
from mdm.errors import BadInput, Conflict, Erased, HubError, IllegalTransition, NotAllowed, NotFound
from mdm.models import (
    AuditEntry,
    Crosswalk,
    Drift,
    Erasure,
    Event,
    Golden,
    GoldenVersion,
    IdempotencyKey,
    Job,
    QuarantinedRecord,
    ReconcileRun,
    ReleaseProposal,
    SourceObject,
    SourceRecord,
    Suppression,
)
from mdm.ports import RawRecord
from mdm.readers.golden.history import then
from mdm.readers.governance import audit_chain
from mdm.readers.governance import erasures as reader
from mdm.rules.governance.roles import Role
from tests import people as cast
from tests.factories import erased, firms, ids, regrouped, states
from tests.factories.decided import say, take_back
from tests.factories.pinned import pin
from tests.factories.records import home as customer_home
from tests.factories.records import send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

# What must not be found anywhere afterwards: no other record of these tests holds any of it.
TOKENS = (
    "Xylandra", "Quorlvex", "xq-native-4711", "xq-other-0815", "xylandra.q@vexmail.example", "4960777", "Vexoffice", "Zorblax",
    "QX-55512",
)  # fmt: skip
PERSON = {
    "full_name": "Xylandra Quorlvex",
    "given_name": "Xylandra",
    "surname": "Quorlvex",
    "email": "xylandra.q@vexmail.example",
    "phone": "+44 113 4960777",
    "employee_no": "QX-55512",
    "city": "Vexoffice",
    "country": "GB",
}


def resource(native_id, payload=PERSON, *, system="hr", **more):
    return Incoming(system, "worker", native_id, dict(payload), "resource", **more)


def home(native_id, system="hr"):
    return Crosswalk.objects.get(record__native_id=native_id, record__source__system=system, valid_to=None).golden


def found():
    """Every row of every table that says one of the tokens: table, token."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        left = []
        for table in tables:
            for token in TOKENS:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" AS row WHERE position(lower(%s) IN lower(row::text)) > 0', [token]
                )
                left += [(table, token)] if cursor.fetchone()[0] else []
    return left


def verified():
    sequence.drain()
    said = StringIO()
    call_command("verify", "all", stdout=said)
    return said.getvalue()


def work(people, at):
    while erasures.erase_next(actor=people.hub, at=at):
        pass


def erase(enterprise_id):
    return erased.erase(enterprise_id, at=timezone.now())


@pytest.fixture
def known(people):
    """A person in two systems with a past, in every table that can hold something; and a colleague beside."""
    send(resource("xq-native-4711", {**PERSON, "city": "Zorblax"}))
    send(resource("xq-native-4711"), resource("xq-other-0815", system="psa"), at=later(1))
    send(
        resource("colleague", {"full_name": "Bertrand Molehill", "email": "bertrand@mole.example", "employee_no": "M-1"}),
        at=later(1),
    )
    send(resource("xq-native-4711", {"full_name": "", "email": "xylandra.q@vexmail.example"}), at=later(2))  # refused
    waiting = QuarantinedRecord.objects.get()
    mending.mend(
        quarantined_id=waiting.pk, payload={"full_name": "", "city": "Zorblax"}, seen_version=1, actor=people.ada, at=later(2)
    )
    golden = home("xq-native-4711")
    pin(golden, "job_title", "Zorblax of Vexoffice", actor=people.ada, at=later(2), reason="Xylandra said so")
    asked = change_requests.ask(
        enterprise_id=golden.enterprise_id, attribute="surname", value="Vexoffice", reason="Xylandra wrote so", actor=people.ada,
        at=later(2),
    )  # fmt: skip
    change_requests.comment(request_id=asked.pk, text="Zorblax?", actor=people.ada, at=later(2))
    ids.alias("Quorlvex-17", system="hr", object="worker", native_id="xq-native-4711")
    ids.alias("Quorlvex-18", enterprise_id=golden.enterprise_id)
    assert home("xq-other-0815", "psa") == golden
    Job.objects.update_or_create(
        kind="sync", key=f"psa:{golden.pk}",
        defaults={"target": "psa", "subject": golden.pk, "status": "DEAD", "error": "Zorblax", "exchange": {"sent": PERSON},
                  "due_at": NOON, "created_at": NOON, "changed_at": NOON},
    )  # fmt: skip
    IdempotencyKey.objects.create(
        user=people.ada,
        key="k",
        request_hash="0",
        status=200,
        body=[{"native_id": "xq-native-4711", "name": "Xylandra"}],
        created_at=NOON,
    )
    ReleaseProposal.objects.create(
        domain="resource", spec={}, model={}, content_hash="", status="REFUSED", reason="a trial", base=1,
        plan={"stages": [], "examples": {"records": [{"record": "hr/worker//xq-native-4711", "fields": ["city"]}], "merged": []}},
        proposed_by=people.eve, proposed_at=NOON, planned_at=NOON, decided_by=people.zoe, decided_at=NOON,
    )  # fmt: skip
    quality.grade_all(actor=people.hub, at=later(3))
    sequence.drain()
    return golden


def test_p13_every_planted_word_is_gone_from_every_table_and_everything_still_verifies(known, people):
    assert {table for table, _ in found()} >= {
        "mdm_sourcerecord", "mdm_sourceversion", "mdm_golden", "mdm_goldenversion", "mdm_quarantinedrecord", "mdm_auditentry",
        "mdm_override", "mdm_idalias", "mdm_changeset", "mdm_releaseproposal",
        "mdm_job", "mdm_idempotencykey", "mdm_changerequest", "mdm_requestcomment",
    }  # fmt: skip
    anchor = audit_chain.verify().head

    row = erase(known.enterprise_id)

    assert found() == []
    assert "invariants hold" in verified()
    assert audit_chain.verify(anchor=anchor).fault == ""
    assert states.faults() == []
    assert row.status == "DONE"
    assert row.enterprise_ids == [known.enterprise_id]
    assert row.systems == ["hr", "psa"]
    assert row.counts["source records"] == 2
    assert row.counts["golden records"] == 1
    assert row.counts["quarantined records"] >= 1
    assert row.counts["kept answers to requests"] == 1
    assert row.counts["details in the audit trail"] >= 3
    assert row.counts["requests and answers of pushes"] == 1
    assert Golden.objects.get(label="Bertrand Molehill").status == "LIVE"


def test_p13_the_count_beforehand_is_what_goes(known, people):
    before = reader.preview(known.enterprise_id, viewer=people.pru).counts

    after = erase(known.enterprise_id).counts

    # Its end and its erasure are two more versions of the golden record, the leaving of each record one more of that.
    more = {"versions of golden records": 2, "versions of source records": 2}
    assert {name: count + more.get(name, 0) for name, count in before.items()} == {name: after[name] for name in before}
    assert before["match keys"] > 0
    assert before["pairs"] > 0


def test_p13_the_id_answers_erased_with_date_and_certificate_now_and_for_the_past(known, people, api):
    row = erase(known.enterprise_id)
    ada = api(people.ada)

    gone = ada.get(f"golden/resource/{known.enterprise_id}")
    assert (gone.status_code, gone.json()["status"], gone.json()["certificate"]) == (410, "ERASED", row.certificate)
    assert gone.json()["since"]
    then_known = ada.get(f"golden/resource/{known.enterprise_id}", known_at=later(2).isoformat().replace("+00:00", "Z"))
    assert (then_known.status_code, then_known.json()["code"]) == (410, "erased")
    assert ada.get(f"golden/resource/{known.enterprise_id}", as_of=later(2).isoformat().replace("+00:00", "Z")).status_code == 410
    assert ada.get("crosswalk/hr/worker/xq-native-4711").status_code == 404
    assert ada.get("records/hr/worker/xq-native-4711").status_code == 404
    with pytest.raises(Erased):
        then.find(known.enterprise_id, viewer=people.ada, now=timezone.now(), known_at=later(2))
    sequence.drain()
    assert Event.objects.filter(golden=known).order_by("sequence").last().type == "concord.resource.erased.v1"


def test_p13_a_person_merged_by_hand_is_erased_under_both_ids(people, firm):
    send(*firms.doubtful("Xylandra"))
    ids = {customer_home("Xylandra-a").enterprise_id, customer_home("Xylandra-b", system="erp").enterprise_id}
    say("SAME", "Xylandra-a", "Xylandra-b", actor=people.ada, at=later(1))
    live = customer_home("Xylandra-a").enterprise_id
    merged = next(iter(ids - {live}))

    row = erase(merged)

    assert set(row.enterprise_ids) == ids
    assert found() == []
    assert {golden.status for golden in Golden.objects.filter(enterprise_id__in=ids)} == {"ERASED"}
    assert "invariants hold" in verified()


def test_p13_a_wrong_merge_that_was_undone_leaves_nothing_in_the_others_past(people, firm):
    ours, theirs = firms.doubtful("Ulmqua")
    person = Incoming(
        ours.system,
        ours.object,
        ours.native_id,
        {**ours.payload, "city": "Vexoffice", "email": "xylandra.q@vexmail.example"},
        "customer",
    )
    send(person, theirs)
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))
    take_back(decision, actor=people.ada, at=later(2))
    subject, other = customer_home("Ulmqua-a"), customer_home("Ulmqua-b", system="erp")
    assert subject.pk != other.pk

    erase(subject.enterprise_id)

    assert found() == []
    other.refresh_from_db()
    assert (other.status, other.label) == ("LIVE", "Ulmqua Holding")
    assert GoldenVersion.objects.filter(golden=other, is_erased=False).exists()
    assert "invariants hold" in verified()


def test_p13_people_merged_by_hand_go_together_and_the_merge_cannot_be_taken_back(known, people):
    reserved = ids.reserve(domain="resource")
    send(
        resource("xq-third", {"full_name": "Vexoffice Zorblax", "employee_no": "Q-9"}, system="files", enterprise_id=reserved[0]),
        at=later(3),
    )
    other = home("xq-third", "files")
    change = regrouped.merge(known, other, actor=people.dee, at=later(4))

    row = erase(other.enterprise_id)

    assert set(row.enterprise_ids) == {known.enterprise_id, other.enterprise_id}
    assert row.counts["words on reserved IDs"] == 1
    assert found() == []
    assert "invariants hold" in verified()
    with pytest.raises(Erased, match="cannot be taken back"):
        regrouped.unmerge(change, actor=people.dee, at=timezone.now())


def test_p13_somebody_whose_records_are_deleted_already_can_be_erased(known, people):
    send(resource("xq-native-4711", is_deleted=True), resource("xq-other-0815", system="psa", is_deleted=True), at=later(4))
    assert Golden.objects.get(pk=known.pk).status == "RETIRED"

    erase(known.enterprise_id)

    assert found() == []
    assert Golden.objects.get(pk=known.pk).status == "ERASED"
    assert "invariants hold" in verified()


# It does not come back.


@pytest.mark.parametrize("payload", [PERSON, {"full_name": "", "email": "xylandra.q@vexmail.example"}], ids=["good", "bad"])
def test_p13_what_the_source_sends_again_is_held_and_nothing_of_it_is_kept(known, people, payload):
    row = erase(known.enterprise_id)

    for _ in range(2):
        (outcome,) = send(resource("xq-native-4711", payload), at=timezone.now())
        assert (outcome.status, outcome.problems[0]["code"]) == ("quarantined", "erased_key")
        assert row.certificate in outcome.problems[0]["message"]

    held = QuarantinedRecord.objects.get(status="OPEN")
    assert (held.codes, held.payload, held.times) == (["erased_key"], {}, 2)
    assert found() == []
    assert "invariants hold" in verified()
    with pytest.raises(Conflict, match="only its source can send it in again"):
        resubmit.resubmit(quarantined_id=held.pk, seen_version=held.version, actor=people.ada, at=timezone.now())


def test_p13_in_bulk_it_is_held_too(known, people):
    erase(known.enterprise_id)

    outcomes = [
        outcome
        for _, outcome in bulk.load(
            incoming=[resource("xq-native-4711"), resource("new", {"full_name": "Odo Plain"})], domain="resource",
            actor=people.hub, at=timezone.now(),
        )
    ]  # fmt: skip

    assert sorted(outcome.status for outcome in outcomes) == ["created", "quarantined"]
    assert found() == []


def test_p13_a_rehearsal_says_so(known, people):
    erase(known.enterprise_id)

    assert send(resource("xq-native-4711"), rehearsal=True)[0].problems[0]["code"] == "erased_key"


def test_p13_another_key_and_the_colleague_come_in_as_ever(known, people):
    erase(known.enterprise_id)

    outcomes = send(
        resource("colleague", {"full_name": "Bertrand Molehill", "email": "b@mole.example"}),
        resource("xq-native-471", {"full_name": "Odo Plain"}),
        resource("xq-native-4711", {"full_name": "Odo Plain"}, system="crm"),
        at=timezone.now(),
    )

    assert [outcome.status for outcome in outcomes] == ["updated", "created", "created"]


def test_p13_only_a_keyed_hash_of_the_key_is_kept_and_an_older_secret_still_counts(known, people, settings):
    erase(known.enterprise_id)
    assert Suppression.objects.count() == 2

    settings.SUPPRESSION_SECRETS = ["another secret"]
    assert send(resource("xq-native-4711"), rehearsal=True)[0].status == "created"
    settings.SUPPRESSION_SECRETS = ["another secret", settings.SECRET_KEY]
    assert send(resource("xq-native-4711"), rehearsal=True)[0].status == "quarantined"


def test_p13_lifted_it_comes_in_as_somebody_new(known, people):
    row = erase(known.enterprise_id)

    with pytest.raises(BadInput):
        erasures.lift(erasure_id=row.pk, reason=" ", actor=people.pru, at=timezone.now())
    assert erasures.lift(erasure_id=row.pk, reason="hired again", actor=people.pru, at=timezone.now()) == 2
    (outcome,) = send(resource("xq-native-4711"), at=timezone.now())

    assert outcome.status == "created"
    assert outcome.enterprise_id != known.enterprise_id
    with pytest.raises(Conflict, match="Nothing is suppressed"):
        erasures.lift(erasure_id=row.pk, reason="again", actor=people.pru, at=timezone.now())
    assert "invariants hold" in verified()


# It takes two people, and no crash leaves it half done.


def test_p13_it_takes_two_people_of_the_right_roles_and_a_reason(known, people):
    name = known.enterprise_id
    for actor, error in ((people.ada, NotAllowed), (people.hub, NotAllowed)):
        with pytest.raises(error):
            erasures.request(enterprise_id=name, reason="asked", actor=actor, at=NOON)
    with pytest.raises(BadInput, match="Give a reason"):
        erasures.request(enterprise_id=name, reason=" ", actor=people.pru, at=NOON)
    with pytest.raises(HubError):
        erasures.request(enterprise_id="RSC-00000000", reason="asked", actor=people.pru, at=NOON)
    row = erasures.request(enterprise_id=name, reason="asked", actor=people.pru, at=NOON)
    with pytest.raises(Conflict, match="under way"):
        erasures.request(enterprise_id=name, reason="asked", actor=people.zoe, at=NOON)
    with pytest.raises(NotAllowed, match="Somebody else"):
        erasures.confirm(erasure_id=row.pk, actor=people.pru, at=NOON)
    with pytest.raises(NotAllowed):
        erasures.confirm(erasure_id=row.pk, actor=people.ada, at=NOON)
    with pytest.raises(IntegrityError, match="erasure_takes_two_people"), transaction.atomic():
        Erasure.objects.filter(pk=row.pk).update(confirmed_by=people.pru)
    assert not erasures.erase_next(actor=people.hub, at=later(9))
    assert found() != []

    erasures.cancel(erasure_id=row.pk, actor=people.pru, at=NOON)
    with pytest.raises(IllegalTransition):
        erasures.confirm(erasure_id=row.pk, actor=people.zoe, at=NOON)
    assert Golden.objects.get(pk=known.pk).status == "LIVE"


def test_p13_confined_officers_see_and_erase_only_theirs(known, people):
    row = erasures.request(enterprise_id=known.enterprise_id, reason="asked", actor=people.pru, at=NOON)
    for confines in ({"domains": ["customer"]}, {"regions": ["APAC"]}):
        other = cast.person(f"p{confines}"[:20], Role.PRIVACY, **confines)
        with pytest.raises(NotFound):
            erasures.confirm(erasure_id=row.pk, actor=other, at=NOON)
        with pytest.raises(NotFound):
            erasures.request(enterprise_id=known.enterprise_id, reason="asked", actor=other, at=NOON)
        assert reader.listed(viewer=other) == []


def test_p13_a_worker_that_dies_is_followed_by_one_that_goes_on(known, people, monkeypatch):
    monkeypatch.setattr(erasures, "CHUNK", 3)
    at = timezone.now()
    row = erasures.request(enterprise_id=known.enterprise_id, reason="asked", actor=people.pru, at=at)
    erasures.confirm(erasure_id=row.pk, actor=people.zoe, at=at)
    assert erasures.erase_next(actor=people.hub, at=at)
    assert Job.objects.get(kind="erase").payload["after"] == AuditEntry.objects.order_by("pk")[2].pk
    whole = erasures.removal.suppress
    monkeypatch.setattr(erasures.removal, "suppress", lambda *_a, **_k: (_ for _ in ()).throw(RuntimeError("killed")))
    with pytest.raises(RuntimeError):
        work(people, at)
    assert Golden.objects.get(pk=known.pk).status == "LIVE"

    monkeypatch.setattr(erasures.removal, "suppress", whole)
    again = at + timedelta(minutes=11)
    jobs.sweep(actor=people.hub, at=again)
    work(people, again)

    row.refresh_from_db()
    assert row.status == "DONE"
    assert found() == []
    assert "invariants hold" in verified()


def test_p13_a_record_that_comes_back_while_it_waits_goes_too(known, people):
    at = timezone.now()
    row = erasures.request(enterprise_id=known.enterprise_id, reason="asked", actor=people.pru, at=at)
    send(resource("xq-third", PERSON, system="files"), at=at)
    erasures.confirm(erasure_id=row.pk, actor=people.zoe, at=at)
    work(people, at)

    assert found() == []
    row.refresh_from_db()
    assert row.counts["source records"] == 3


def test_p13_who_is_merged_while_it_waits_goes_with_the_survivor(known, people):
    send(resource("xq-third", {"full_name": "Vexoffice Zorblax", "employee_no": "Q-9"}, system="files"), at=later(3))
    other = home("xq-third", "files")
    at = timezone.now()
    rows = [erased.ask(one.enterprise_id, at=at) for one in (known, other)]
    regrouped.merge(known, other, actor=people.dee, at=at)
    erasures.confirm(erasure_id=rows[0].pk, actor=people.zoe, at=at)
    work(people, at)

    rows[0].refresh_from_db()
    assert set(rows[0].enterprise_ids) == {known.enterprise_id, other.enterprise_id}
    assert found() == []
    assert reader.foreseen(rows[1], viewer=people.pru) is None
    with pytest.raises(Conflict, match="erased already"):
        erasures.confirm(erasure_id=rows[1].pk, actor=people.zoe, at=at)
    assert "invariants hold" in verified()


def test_p13_an_id_that_was_erased_already_is_refused(known, people):
    erase(known.enterprise_id)

    with pytest.raises(Conflict, match="erased already"):
        erasures.request(enterprise_id=known.enterprise_id, reason="asked", actor=people.pru, at=NOON)


def test_p13_who_points_at_the_person_is_counted_and_stays(known, people):
    send(resource("junior", {"full_name": "Odo Plain", "manager": "xq-native-4711"}), at=later(5))
    pointing = SourceRecord.objects.get(native_id="junior").relations
    row = erase(known.enterprise_id)

    assert row.pointing == (1 if pointing else 0)


def test_p13_the_nightly_work_passes_what_was_erased(known, people):
    erase(known.enterprise_id)

    quality.grade_all(actor=people.hub, at=timezone.now())
    while refreshing.refresh_next(actor=people.hub, at=timezone.now()):
        pass
    assert "invariants hold" in verified()


def test_p13_the_api_counts_asks_confirms_and_certifies(known, people, api):
    pru, zoe = api(people.pru), api(people.zoe)

    counted = pru.post("erasures", {"enterprise_id": known.enterprise_id, "dry_run": True})
    assert counted.json()["counts"]["source records"] == 2
    asked = pru.post("erasures", {"enterprise_id": known.enterprise_id, "reason": "the person asked"})
    number = asked.json()["id"]
    assert (asked.status_code, asked.json()["status"]) == (201, "REQUESTED")
    assert pru.post(f"erasures/{number}:confirm", {}).status_code == 403
    assert zoe.post(f"erasures/{number}:confirm", {}).json()["status"] == "CONFIRMED"
    work(people, timezone.now())
    done = api(people.pia).get(f"erasures/{number}").json()
    assert (done["status"], done["removed"]["source records"], done["confirmed_by"]) == ("DONE", 2, "zoe")
    assert pru.get("erasures").json()["results"][0]["certificate"] == done["certificate"]
    assert not [token for token in TOKENS if token.lower() in json.dumps(done).lower()]
    assert pru.post("erasures", {"enterprise_id": 7}).status_code == 400
    assert zoe.post(f"erasures/{number}:cancel", {}).status_code == 409


def test_p13_the_command_does_it_with_two_names(known, people):
    def run(*words):
        said = StringIO()
        call_command("erase", *words, stdout=said)
        return said.getvalue()

    assert '"source records": 2' in run("preview", known.enterprise_id)
    with pytest.raises(CommandError, match="is no person"):
        run("request", known.enterprise_id, "--reason", "asked")
    number = str(Erasure.objects.get().pk) if "confirm" in run(
        "request", known.enterprise_id, "--reason", "asked", "--as", "pru") else ""  # fmt: skip
    with pytest.raises(CommandError, match="Somebody else"):
        run("confirm", number, "--as", "pru")
    with pytest.raises(CommandError, match="no person called"):
        run("confirm", number, "--as", "nobody")
    with pytest.raises(CommandError, match="is no number"):
        run("confirm", "x", "--as", "zoe")
    assert "is confirmed" in run("confirm", number, "--as", "zoe")
    run("work")
    assert '"status": "DONE"' in run("show", number)
    assert found() == []


def test_p13_drift_of_the_person_goes_and_reconciliation_does_not_note_it_again(known, people):
    source = SourceObject.objects.get(system="hr")
    run = reconcile.start(source=source, actor=people.hub, at=NOON)
    Drift.objects.create(source=source, record=SourceRecord.objects.get(native_id="xq-native-4711"), native_id="xq-native-4711",
                         kind="DRIFTED", attribute="city", expected="Vexoffice", actual="Zorblax", first_seen_at=NOON,
                         last_seen_at=NOON, first_run=run, last_run=run)  # fmt: skip
    erase(known.enterprise_id)
    assert found() == []

    rows = [RawRecord("xq-native-4711", PERSON)]
    assert reconcile.page(run=run, rows=rows, cursor="", actor=people.hub, at=timezone.now()) == 0
    assert found() == []
    assert ReconcileRun.objects.get().compared == 1
