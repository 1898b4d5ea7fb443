"""P3, at once: eight writers that bring the halves of one thing make one golden record of it, and nobody sees a deadlock."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest

from mdm.actions.golden import decisions
from mdm.actions.governance import releases as publishing
from mdm.actions.governance.releasing import rematch
from mdm.engine import releases
from mdm.errors import Conflict, NotFound
from mdm.models import Golden, MatchPair
from mdm.readers.governance.rebuilding import partition as grouping
from mdm.rules.golden.pair_states import PairStatus
from tests import people as cast
from tests.factories import firms, oracle, organisations, states, systems
from tests.factories.records import customer, in_batches, partition, send
from tests.factories.threads import together
from tests.factories.times import later

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("on_services_too")]

WRITERS = 8


@pytest.fixture(autouse=True)
def _firm():
    systems.declare()


def twins_and_chains(chance, pairs, chains):
    """Halves of the same thing in two systems, and chains of three whose ends share nothing."""
    made = organisations.organisations(chance, pairs + chains, common=0.0)
    found = []
    for number, one in enumerate(made[:pairs]):
        said = {"name": f"{one.name}{number} {one.form}", "country": one.country, "city": one.city, "postcode": one.postcode}
        found += [customer(f"p{number}", said, system="crm"), customer(f"p{number}", said, system="erp")]
    for number, one in enumerate(made[pairs:]):
        name, phone, site = f"{one.name}x{number} {one.form}", f"+49 30 2{number:06d}", f"chain{number}.de"
        found += [
            customer(f"c{number}", {"name": name, "country": one.country, "domain": site}, system="crm"),
            customer(
                f"c{number}",
                {"name": name, "country": one.country, "domain": site, "phone": phone, "city": one.city},
                system="erp",
            ),
            customer(f"c{number}", {"name": name, "country": one.country, "phone": phone, "city": one.city}, system="psa"),
        ]
    return found


def dealt(records, seed):
    """One heap a writer: each shuffled a little, so that the parts of one thing come up at about the same time."""
    chance = random.Random(seed)
    heaps = [[] for _ in range(WRITERS)]
    for place, said in enumerate(records):
        heaps[place % WRITERS].append((place + chance.randrange(30), place, said))
    return [[said for _, _, said in sorted(heap, key=lambda entry: entry[:2])] for heap in heaps]


def test_p3_eight_writers_with_2000_duplicate_pairs_and_chains_make_no_extra_golden_record():
    records = twins_and_chains(random.Random(1), 2_000, 200)
    wanted = oracle.partition(records)

    raised = together([partial(in_batches, heap, 12) for heap in dealt(records, 1)])

    assert raised == []
    assert Golden.objects.live().count() == len(wanted)
    assert partition() == wanted
    assert states.faults() == []


@pytest.mark.parametrize("seed", range(2))
def test_p3_eight_writers_one_record_at_a_time_on_the_same_few_things(seed):
    records = organisations.records(random.Random(seed), organisations.organisations(random.Random(seed), 20, common=0.3), 160)

    raised = together([partial(in_batches, heap, 1) for heap in dealt(records, seed)])

    assert raised == []
    assert partition() == oracle.partition(records)
    assert states.faults() == []


def test_p3_writers_that_change_and_delete_the_same_records_leave_what_one_of_them_said():
    chance = random.Random(4)
    made = organisations.organisations(chance, 12, common=0.3)
    first = organisations.records(chance, made, 60)
    send(*first)

    def upset(seed):
        mine = random.Random(seed)
        for _ in range(25):
            said = mine.choice(first)
            fresh = organisations.records(mine, made, 1)[0].payload
            is_deleted = mine.random() < 0.3
            send(customer(said.native_id, {} if is_deleted else fresh, system=said.system, is_deleted=is_deleted), at=later(seed))

    raised = together([partial(upset, seed) for seed in range(WRITERS)])

    assert raised == []
    assert states.faults() == []


def test_p3_stewards_decide_while_writers_write_and_nobody_sees_a_deadlock():
    steward = cast.make().dee
    chance = random.Random(5)
    made = organisations.organisations(chance, 15, common=0.5)
    send(*organisations.records(chance, made, 60))

    def write(seed):
        in_batches(organisations.records(random.Random(seed), made, 60), 6)

    def decide(seed):
        mine = random.Random(seed)
        for _ in range(30):
            pair = mine.choice(list(MatchPair.objects.filter(status__in=["OPEN", "JOINED", "COVERED"])))
            verdict = mine.choice([PairStatus.SAME, PairStatus.DIFFERENT])
            with suppress(Conflict, NotFound):  # somebody was faster, and the steward is told
                decisions.decide(pair_id=pair.pk, verdict=verdict, seen_version=pair.version, actor=steward, at=later(1))

    raised = together([*(partial(write, seed) for seed in range(5)), *(partial(decide, seed) for seed in range(3))])

    assert raised == []
    assert states.faults() == []


def test_p3_a_bulk_load_among_live_writers_changes_nothing_of_the_result():
    records = twins_and_chains(random.Random(6), 120, 30)
    bulk, live = records[::2], records[1::2]

    raised = together([partial(in_batches, bulk, len(bulk), alone=True), *(partial(in_batches, live[n::3], 5) for n in range(3))])

    assert raised == []
    assert partition() == oracle.partition(records)
    assert states.faults() == []


def test_p2_an_emptied_id_that_two_records_want_back_at_once_is_given_to_one_of_them():
    send(*firms.alike("Quorl", "crm", "erp"))
    for system in ("crm", "erp"):
        send(customer(f"Quorl-{system}", {}, system=system, is_deleted=True))
    other = [customer("Quorl-crm", dict(firms.alike("Vexpol", "crm")[0].payload)), *firms.alike("Quorl", "erp")]

    raised = together([partial(send, said) for said in other])

    assert raised == []
    assert len(partition()) == 2
    assert states.faults() == []


def test_p03_a_release_is_carried_out_while_others_write():
    """Records change, come new and are decided upon while every record goes over to other forms and keys."""
    crew, base = cast.make(), organisations.mixed(11, 240, common=0.4)
    in_batches(base, 80)
    spec = releases.current("customer").spec
    compared = {theirs: ours for theirs, ours in spec.match.attributes.items() if theirs not in {"phone", "postcode"}}
    publishing.publish(spec=replace(spec, match=replace(spec.match, attributes=compared)), actor=crew.zoe, at=later(1))
    changed = [replace(said, payload={**said.payload, "city": "Leeds", "phone": ""}) for said in base[::3]]
    fresh = [replace(said, native_id=f"n{said.native_id}") for said in organisations.mixed(12, 60, common=0.4)]

    def carry_out():
        while rematch.rematch_next(actor=crew.hub, at=later(2)):
            pass

    heaps = dealt([*changed, *fresh], 5)
    raised = together([carry_out, *(partial(in_batches, heap, 7, at=later(2)) for heap in heaps[:4])])
    in_batches([said for heap in heaps[4:] for said in heap], 20, at=later(3))
    carry_out()

    assert raised == []
    assert releases.current("customer").is_settled
    last = {(said.system, said.native_id): said for said in (*base, *changed, *fresh)}
    assert partition() == oracle.partition([*last.values()])
    assert states.faults() == []
    assert grouping.check().fault == ""
