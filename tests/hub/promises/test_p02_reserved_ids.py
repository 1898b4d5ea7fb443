"""P2: a reserved enterprise ID is claimed once, by the first record that names it, and never given to anything else."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mdm import outbox, permissions
from mdm.actions.exchange import sequence
from mdm.actions.golden.ids import reservations
from mdm.models import AuditEntry, Crosswalk, Drift, Golden, QuarantinedRecord, Reservation
from mdm.readers.golden import ids as id_reader
from mdm.rules.golden import enterprise_id
from tests.factories import firms, ids, oracle, organisations, states, systems
from tests.factories.decided import say, take_back
from tests.factories.records import FIRM, OTHER, customer, drop, home, partition, send
from tests.factories.threads import together
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


@pytest.fixture
def ben(api, people):
    return api(people.ben)


def codes(outcome):
    return [problem["code"] for problem in outcome.problems]


def test_p2_a_reserved_id_is_the_id_of_one_thing_in_two_systems(ben, people):
    name = ids.reserve(actor=people.ada)[0]
    crm, erp = firms.alike("Quorl", "crm", "erp")

    first = send(customer(crm.native_id, dict(crm.payload), enterprise_id=name.lower()), at=later(1))[0]
    second = send(customer(erp.native_id, dict(erp.payload), system="erp", enterprise_id=name), at=later(2))[0]

    assert (first.enterprise_id, second.enterprise_id) == (name, name)
    assert (first.notes, second.notes) == ((), ())
    assert ben.get(f"golden/customer/{name}").status_code == 200
    told = ben.get(f"ids/{name}").json()
    assert (told["status"], [one["cause"] for one in told["life"]]) == ("LIVE", ["reserved", "claimed", "born"])
    assert AuditEntry.objects.get(verb="id.claim").new == {"id": name, "record": "crm/account//Quorl-crm"}
    assert states.faults() == []


def test_p2_a_record_stamped_in_its_own_field_claims_too(people):
    systems.target("sfa")
    name = ids.reserve()[0]

    send(customer("1", {"Name": "Kestrel Marine Ltd", "Country": "GB", "HubId": name}, system="sfa"))

    assert home("1", system="sfa").enterprise_id == name


def test_p2_two_records_of_one_batch_and_one_thing_claim_together():
    name = ids.reserve()[0]
    two = [
        customer(one.native_id, dict(one.payload), system=one.system, enterprise_id=name)
        for one in firms.alike("Q", "crm", "erp")
    ]

    assert [outcome.enterprise_id for outcome in send(*two)] == [name, name]


def test_p2_a_hundred_claims_of_one_batch_each_get_their_own():
    names = ids.reserve(40)
    batch = [
        customer(f"n{place}", {"name": f"Firm{place}quol Ltd", "country": "GB", "city": "Leeds"}, enterprise_id=name)
        for place, name in enumerate(names)
    ]

    assert [outcome.enterprise_id for outcome in send(*batch)] == names
    assert states.faults() == []


@pytest.mark.parametrize("end", ["lapsed", "over, but the night did not come yet", "released"])
def test_p2_an_id_that_nobody_used_in_time_is_never_reissued_and_says_so(ben, people, end):
    name = ids.reserve(actor=people.ada, minutes=10)[0]
    if end == "lapsed":
        reservations.lapse(actor=permissions.machine(), at=later(11))
    elif end == "released":
        reservations.release(enterprise_ids=[name], actor=people.ada, at=later(11))

    outcome = send(customer("1", enterprise_id=name), at=later(20))[0]

    code = "released_id" if end == "released" else "lapsed_id"
    assert (outcome.status, codes(outcome)) == ("quarantined", [code])
    for number in range(30):
        send(customer(f"n{number}", {"name": f"Firm{number}quol Ltd", "country": "GB", "city": "Leeds"}), at=later(21))
    assert not Golden.objects.filter(enterprise_id=name).exists()
    assert name not in ids.reserve(50, at=later(21))
    if end in {"lapsed", "released"}:
        answer = ben.get(f"golden/customer/{name}")
        assert (answer.status_code, answer.json()["cause"], answer["Cache-Control"]) == (410, end, "no-store")
        assert ben.get(f"ids/{name}").json()["status"] == end.upper()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("CUS-00000000", "bad_check_character"),
        ("nonsense", "bad_input"),
        ("x" * 5_000, "bad_input"),
        ("CUS-\x00", "bad_input"),
        (enterprise_id.make("CUS", 9_999_999), "unknown_id"),
        (enterprise_id.make("PRJ", 1), "wrong_domain_id"),
    ],
)
def test_p2_an_id_that_cannot_be_claimed_keeps_the_record_out_and_says_why(name, code):
    outcome = send(customer("1", enterprise_id=name))[0]

    assert (outcome.status, codes(outcome)) == ("quarantined", [code])
    assert QuarantinedRecord.objects.get().codes == [code]
    assert send(customer("1", enterprise_id=name), rehearsal=True)[0].status == "quarantined"


def test_p2_a_reservation_of_another_domain_is_not_to_be_had(people):
    name = ids.reserve(domain="project")[0]

    assert codes(send(customer("1", enterprise_id=name))[0]) == ["wrong_domain_id"]
    assert Reservation.objects.get().status == "RESERVED"


def test_p2_what_another_hub_stamped_keeps_nothing_out_and_is_noted():
    systems.declare("old", objects=[systems.Declared("account", "customer", enterprise_id_field="HubId")])
    stamps = [enterprise_id.make("CUS", 9_999_999), enterprise_id.make("PRJ", 1), "CUS-00000000", "junk", {"a": 1}, 7]
    batch = [
        customer(f"n{place}", {"name": f"Firm{place}quol Ltd", "country": "GB", "HubId": stamp}, system="old")
        for place, stamp in enumerate(stamps)
    ]

    outcomes = send(*batch)

    assert {outcome.status for outcome in outcomes} == {"created"}
    assert all(len(outcome.notes) == 1 for outcome in outcomes)
    assert Drift.objects.filter(kind="NAMES_ANOTHER_ID").count() == 2


def test_p2_a_record_that_names_a_live_id_it_does_not_match_is_not_merged_and_is_shown(api, people):
    send(customer("1"))
    name = home("1").enterprise_id

    outcome = send(customer("2", OTHER, enterprise_id=name), at=later(1))[0]
    send(customer("2", OTHER, enterprise_id=name), at=later(2))

    assert (outcome.status, [note["code"] for note in outcome.notes]) == ("created", ["names_another_id"])
    assert outcome.enterprise_id == home("2").enterprise_id != name
    drift = Drift.objects.get()
    assert (drift.kind, drift.expected, drift.actual, drift.status, drift.seen) == (
        "NAMES_ANOTHER_ID", home("2").enterprise_id, name, "OPEN", 2,
    )  # fmt: skip
    send(customer("2", OTHER, enterprise_id=home("2").enterprise_id), at=later(3))
    assert Drift.objects.get().status == "HEALED"


@pytest.mark.parametrize("settled", ["merged", "deleted", "not at all"])
def test_p2_a_stray_name_that_was_settled_elsewhere_is_closed_at_night(people, settled):
    a, b = firms.doubtful("Ulmqua")
    send(a)
    send(customer(b.native_id, dict(b.payload), system="erp", enterprise_id=home("Ulmqua-a").enterprise_id))
    if settled == "merged":
        say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))
    elif settled == "deleted":
        drop("Ulmqua-b", system="erp", at=later(1))
    before = Drift.objects.get().status
    outbox.want([outbox.Wish(kind="lapse", key="lapse:")], at=later(2))

    assert reservations.lapse_next(actor=permissions.machine(), at=later(2))

    assert (before, Drift.objects.get().status) == ("OPEN", "OPEN" if settled == "not at all" else "HEALED")


def test_p2_a_stamp_that_is_only_old_is_no_contradiction(people):
    send(*firms.alike("Quorl", "crm", "erp", "psa"), *(north := firms.alike("Northvexpol", "psa", "hr")))
    stayed = home("Quorl-erp", system="erp").enterprise_id
    send(firms.become("Quorl-crm", north[0], system="crm"))

    outcome = send(customer("Quorl-crm", dict(north[0].payload), enterprise_id=stayed), at=later(1))[0]

    assert (outcome.status, outcome.notes) == ("unchanged", ())
    assert not Drift.objects.exists()


def test_p2_an_id_that_was_merged_into_the_records_own_is_as_good(people):
    send(*firms.doubtful("Ulmqua"))
    ended = home("Ulmqua-b", system="erp").enterprise_id
    say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))

    a = firms.doubtful("Ulmqua")[0]
    assert send(customer(a.native_id, dict(a.payload), enterprise_id=ended), at=later(2))[0].notes == ()


@pytest.mark.parametrize("known_as", ["a twin", "itself"])
def test_p2_a_claim_by_something_known_leads_to_it_for_ever(ben, people, known_as):
    crm, erp = firms.alike("Quorl", "crm", "erp")
    send(crm)
    known, name = home("Quorl-crm").enterprise_id, ids.reserve(actor=people.ada)[0]
    said = erp if known_as == "a twin" else crm

    outcome = send(customer(said.native_id, dict(said.payload), system=said.system, enterprise_id=name), at=later(1))[0]

    assert (outcome.enterprise_id, [note["code"] for note in outcome.notes]) == (known, ["known_already"])
    answer = ben.get(f"golden/customer/{name}")
    assert (answer.status_code, answer["Location"]) == (307, f"/api/v1/golden/customer/{known}")
    told = ben.get(f"ids/{name}").json()
    assert (told["status"], told["heirs"], [one["cause"] for one in told["life"]]) == (
        "CLAIMED",
        [known],
        ["reserved", "claimed"],
    )
    assert Reservation.objects.get().record.native_id == said.native_id
    assert states.faults() == []


def test_p2_a_second_name_follows_its_record_through_merge_and_undo(ben, people):
    send(*firms.doubtful("Ulmqua"))
    name, said = ids.reserve()[0], firms.doubtful("Ulmqua")[1]
    send(customer(said.native_id, dict(said.payload), system="erp", enterprise_id=name))
    own = home("Ulmqua-b", system="erp").enterprise_id
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))

    merged = ben.get(f"golden/customer/{name}")["Location"]
    take_back(decision, actor=people.ada, at=later(2))

    assert merged.endswith(home("Ulmqua-a").enterprise_id)
    assert ben.get(f"golden/customer/{name}")["Location"].endswith(own)


def test_p2_a_claimed_id_retires_and_comes_back_like_any_other(ben):
    name = ids.reserve()[0]
    send(customer("1", enterprise_id=name))
    drop("1", at=later(1))

    gone = ben.get(f"golden/customer/{name}").status_code
    send(customer("1", enterprise_id=name), at=later(2))

    assert (gone, home("1").enterprise_id) == (410, name)


def test_p2_a_refused_claim_is_mended_and_sent_in_again(api, people):
    name = ids.reserve()[0]
    send(customer("1", enterprise_id="CUS-00000000"))
    waiting, ada = QuarantinedRecord.objects.get(), api(people.ada)

    shown = ada.get(f"quarantine/{waiting.pk}").json()
    ada.send("patch", f"quarantine/{waiting.pk}", {"payload": shown["payload"], "version": 1, "enterprise_id": name})
    Reservation.objects.update(expires_at="2999-01-01T00:00:00Z")
    outcome = ada.post(f"quarantine/{waiting.pk}:resubmit", {"version": 2}).json()

    assert shown["enterprise_id"] == "CUS-00000000"
    assert (outcome["status"], outcome["enterprise_id"]) == ("created", name)


def test_p2_a_batch_over_rest_claims_and_gets_its_notes(api, people):
    name = ids.reserve()[0]
    Reservation.objects.update(expires_at="2999-01-01T00:00:00Z")
    said = {"system": "crm", "object": "account", "domain": "customer"}

    results = (
        api(people.ada)
        .post(
            "records:batch",
            {
                "records": [
                    {**said, "native_id": "1", "payload": FIRM, "enterprise_id": name},
                    {**said, "native_id": "2", "payload": OTHER, "enterprise_id": name},
                    {**said, "native_id": "3", "payload": {"name": "Quorl"}, "enterprise_id": 7},
                    {**said, "native_id": "4", "payload": {"name": "Quorl"}, "enterprise_id": ["x"]},
                ]
            },
        )
        .json()["results"]
    )

    assert [result["status"] for result in results] == ["created", "created", "quarantined", "quarantined"]
    assert results[0]["enterprise_id"] == name != results[1]["enterprise_id"]
    assert "notes" not in results[0]
    assert [note["code"] for note in results[1]["notes"]] == ["names_another_id"]


def test_p2_a_file_claims_by_the_column_its_mapping_names(tmp_path):
    name = ids.reserve()[0]
    Reservation.objects.update(expires_at="2999-01-01T00:00:00Z")
    (tmp_path / "map.yaml").write_text(
        "id: Number\nenterprise_id: Hub\nfields: [[name, Name], [country, Land]]\n", encoding="utf-8"
    )
    (tmp_path / "firms.csv").write_text(
        f"Number,Name,Land,Hub\n1,Kestrel Marine,GB,{name}\n2,Vexpol Foods,DE,\n", encoding="utf-8"
    )
    arguments = ["--system", "files", "--object", "firm", "--domain", "customer", "--mapping", str(tmp_path / "map.yaml")]

    call_command("load", str(tmp_path / "firms.csv"), *arguments, stdout=StringIO(), stderr=StringIO())

    assert home("1", system="files").enterprise_id == name
    assert home("2", system="files").enterprise_id != name


def test_p2_naming_an_id_costs_few_statements_and_naming_none_costs_nothing():
    def cost(*incoming):
        with CaptureQueriesContext(connection) as queries:
            send(*incoming)
        return len(queries)

    one, two, three = (firms.alike(f"{word}quol", "crm")[0] for word in ("Ulm", "Vex", "Nor"))
    names = ids.reserve(2)
    plain = cost(one)
    claimed = cost(customer(two.native_id, dict(two.payload), enterprise_id=names[0]))
    known = cost(customer(two.native_id, dict(two.payload), enterprise_id=names[0]))

    assert claimed <= plain + 14
    assert known <= 7 + 5
    assert cost(three) <= plain


@pytest.mark.parametrize("seed", range(2))
def test_p2_naming_ids_changes_no_partition_and_each_claimed_id_is_carried_once_or_leads_on(seed):
    chance = random.Random(seed)
    said = organisations.records(chance, organisations.organisations(chance, 25, common=0.2), 80)
    names = ids.reserve(30)
    named = [replace(one, enterprise_id=chance.choice([*names, "", ""])) for one in said]

    for start in range(0, len(named), 7):
        send(*named[start : start + 7], at=later(1))
        send(*named[:start:5], at=later(2))

    assert partition() == oracle.partition(said)
    assert states.faults() == []
    claimed = {row.enterprise_id for row in Reservation.objects.filter(status="CLAIMED")}
    assert claimed == {one.enterprise_id for one in named} - {""}
    leads = id_reader.ends(claimed)
    assert all(len(leads[name]) == 1 for name in claimed)
    apart = {(one.native_id, one.enterprise_id) for one in named if one.enterprise_id and not _stands(one, leads)}
    assert apart == set(Drift.objects.filter(status="OPEN").values_list("native_id", "actual"))
    sequence.drain()
    call_command("verify", "all", stdout=StringIO())


def _stands(said, leads):
    """Whether the record stands where the ID it names leads."""
    return home(said.native_id, system=said.system).enterprise_id in leads[said.enterprise_id]


class TestRaces:
    pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("on_services_too")]

    @pytest.mark.parametrize("same", [True, False], ids=["one thing", "different things"])
    def test_p2_of_two_claimants_at_once_the_first_has_the_id(self, same):
        for turn in range(5):
            name = ids.reserve()[0]
            word = f"Quorl{'abcde'[turn]}vex"
            two = (
                firms.alike(word, "crm", "erp")
                if same
                else [firms.alike(word, "crm")[0], firms.alike(f"{word[::-1]}pol", "erp")[0]]
            )
            acts = [
                partial(send, customer(one.native_id, dict(one.payload), system=one.system, enterprise_id=name)) for one in two
            ]

            assert together(acts) == []

            homes = set(
                Crosswalk.objects.filter(record__native_id__in=[one.native_id for one in two], valid_to=None).values_list(
                    "golden__enterprise_id", flat=True
                )
            )
            assert name in homes
            assert len(homes) == (1 if same else 2)
            assert Reservation.objects.get(enterprise_id=name).status == "CLAIMED"
        assert Drift.objects.filter(status="OPEN").count() == (0 if same else 5)
        assert states.faults() == []

    def test_p2_a_claim_and_a_release_at_once_never_both_count(self):
        machine = permissions.machine()
        for turn in range(5):
            name = ids.reserve()[0]
            claim = partial(send, customer(f"n{turn}", {"name": f"Firm{turn}quol Ltd", "country": "GB"}, enterprise_id=name))
            together([claim, partial(reservations.release, enterprise_ids=[name], actor=machine, at=NOON)])

            row, carrier = Reservation.objects.get(enterprise_id=name), Golden.objects.filter(enterprise_id=name)
            assert (row.status, carrier.exists()) in {("CLAIMED", True), ("RELEASED", False)}
        assert states.faults() == []
