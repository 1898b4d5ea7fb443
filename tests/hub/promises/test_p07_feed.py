"""P7: no fact without its event, no event without its fact; the feed is complete, in order, without gaps."""

from __future__ import annotations

import random
import time
from functools import partial
from threading import Event as Flag
from threading import Thread

import pytest
from django.db import connections, transaction

from mdm import outbox
from mdm.actions.exchange import sequence
from mdm.models import Event, Golden, User
from mdm.readers.exchange import events
from tests import people as cast
from tests.factories import organisations, processes, states, systems
from tests.factories.histories import History
from tests.factories.records import OTHER, customer, home, send
from tests.factories.threads import together
from tests.factories.times import NOON, later

WRITERS = 16


def told(viewer: User, after: int = 0, limit: int = 1_000) -> list[dict]:
    """The whole feed, slice by slice."""
    found = []
    while (slice_ := events.after(after, limit=limit, viewer=viewer)).events:
        found += slice_.events
        after = slice_.next
    return found


@pytest.mark.django_db
def test_p7_every_change_of_a_golden_record_has_its_event_and_every_event_its_version(firm, people):
    history = History(random.Random(8), people.dee, organisations.organisations(random.Random(8), 8, common=0.3))
    history.run(40)
    sequence.drain()

    feed = told(people.zoe)

    assert [event["position"] for event in feed] == list(range(1, len(feed) + 1))
    assert len(feed) == sum(Golden.objects.values_list("version", flat=True))
    assert states.faults() == []


@pytest.mark.django_db
def test_p7_what_is_rolled_back_was_never_told(firm, people):
    send(customer("1"))
    with transaction.atomic():
        send(customer("2", OTHER))
        transaction.set_rollback(True)
    sequence.drain()

    assert [event["type"] for event in told(people.zoe)] == ["concord.customer.created.v1"]


@pytest.mark.django_db
def test_p7_the_feed_replays_from_any_position_and_rebuilds_every_golden_record(firm, people):
    history = History(random.Random(9), people.dee, organisations.organisations(random.Random(9), 6, common=0.3))
    history.run(30)
    sequence.drain()
    whole = told(people.zoe)

    replica = {event["subject"]: (event["data"]["status"], event["data"]["values"]) for event in told(people.zoe, limit=7)}

    assert told(people.zoe, after=10) == whole[10:]
    assert told(people.zoe) == whole
    assert replica == {golden.enterprise_id: (golden.status, golden.values) for golden in Golden.objects.all()}


@pytest.mark.django_db
def test_p7_an_event_is_a_cloud_event(firm, people):
    send(customer("1"))
    sequence.drain()
    golden = home("1")

    event = told(people.zoe)[0]

    assert event == {
        "specversion": "1.0",
        "id": str(Event.objects.get().uuid),
        "source": "/concord/customer",
        "type": "concord.customer.created.v1",
        "subject": golden.enterprise_id,
        "time": NOON.isoformat(),
        "datacontenttype": "application/json",
        "partitionkey": golden.enterprise_id,
        "sequence": "0000000001",
        "position": 1,
        "data": {
            "enterprise_id": golden.enterprise_id,
            "version": 1,
            "status": "LIVE",
            "values": golden.values,
            "changed": sorted(golden.values),
        },
    }


@pytest.mark.django_db
def test_p7_the_feed_filters_by_domain_and_type_and_moves_on(firm, people, api):
    send(customer("1"), customer("2", OTHER))
    send(customer("1", {**OTHER, "name": "Another Quorl Ltd", "domain": "quorl.uk"}), at=later(1))
    sequence.drain()
    ben = api(people.ben)

    answer = ben.get("events", after=0, limit=2, domain="customer").json()
    updates = ben.get("events", type="concord.customer.updated.v1").json()

    assert ([event["position"] for event in answer["events"]], answer["next"]) == ([1, 2], 2)
    assert [event["position"] for event in updates["events"]] == [3]
    assert ben.get("events", after=3).json() == {"events": [], "next": 3}
    assert ben.get("events", after=-1).status_code == 400
    assert ben.get("events", limit=5_000).status_code == 400


@pytest.mark.django_db
def test_p7_a_page_of_the_feed_costs_the_same_however_long(firm, people, django_assert_num_queries):
    send(*organisations.mixed(1, 120))
    sequence.drain()

    with django_assert_num_queries(3):
        assert len(events.after(0, limit=40, viewer=people.zoe).events) == 40


class Writers:
    """Writers that change golden rows under their locks and tell of it, as every action does; some roll back, one is slow."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.committed: list[tuple[int, int]] = []
        self.rolled_back = 0

    def write(self, seed: int) -> None:
        chance = random.Random(seed)
        numbers = list(Golden.objects.values_list("id", flat=True))
        while time.monotonic() < self.until:
            mine = sorted(chance.sample(numbers, chance.randrange(1, 4)))
            try:
                with transaction.atomic():
                    facts = self._change(mine)
                    time.sleep(2 if seed == 0 and chance.random() < 0.2 else chance.random() * 0.01)
                    if chance.random() < 0.1:
                        raise InterruptedError
            except InterruptedError:
                self.rolled_back += 1
                continue
            self.committed += facts

    def _change(self, numbers: list[int]) -> list[tuple[int, int]]:
        rows = list(Golden.objects.select_for_update(no_key=True).filter(id__in=numbers).order_by("id"))
        for row in rows:
            row.version += 1
            row.save(update_fields=["version"])
        outbox.tell([(row, "updated", {}) for row in rows], at=NOON)
        return [(row.pk, row.version) for row in rows]


def follow(position: int, seen: list[tuple[int, int, int]], stop: Flag) -> None:
    """A reader of the feed's order: (position, golden, sequence), from where it left off, as consumers do."""
    while not stop.is_set() or Event.objects.filter(position__gt=position).exists():
        rows = list(
            Event.objects.filter(position__gt=position).order_by("position").values_list("position", "golden_id", "sequence")
        )
        seen += rows
        position = rows[-1][0] if rows else position
        time.sleep(0.005)
    connections.close_all()


def check_feed(seen, writers, before):
    """Nothing lost, nothing that never happened, no gap, no inversion."""
    assert [position for position, _, _ in seen] == list(range(before + 1, before + 1 + len(seen)))
    assert sorted((golden, number) for _, golden, number in seen) == sorted(writers.committed)
    latest: dict[int, int] = {}
    for _, golden, number in seen:
        assert number > latest.get(golden, 0)
        latest[golden] = number


def prepare() -> int:
    """Forty golden records and their stamped events; returns the last position."""
    systems.declare()
    send(*(customer(str(n), {"name": f"Firm{n}quol{n} Ltd", "country": "GB"}) for n in range(40)))
    sequence.drain()
    return Event.objects.count()


@pytest.mark.slow
@pytest.mark.usefixtures("on_services_too")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seconds", [6, pytest.param(60, marks=pytest.mark.soak)])
def test_p7_sixteen_writers_with_rollbacks_lose_nothing_and_turn_nothing_round(seconds):
    before, seen = prepare(), []
    writers, stop, done = Writers(seconds), Flag(), Flag()
    sequencer = Thread(target=lambda: (sequence.run_forever(stop), connections.close_all()))
    reader = Thread(target=follow, args=(before, seen, done))
    sequencer.start()
    reader.start()

    raised = together([partial(writers.write, seed) for seed in range(WRITERS)])
    stop.set()
    sequencer.join()
    sequence.drain()
    done.set()
    reader.join()

    assert raised == []
    assert writers.rolled_back > 0
    assert len(seen) > 100
    check_feed(seen, writers, before)


@pytest.mark.slow
@pytest.mark.usefixtures("on_services_too")
@pytest.mark.django_db(transaction=True)
def test_p7_a_sequencer_that_is_killed_again_and_again_leaves_no_gap():
    before, seen = prepare(), []
    writers, done = Writers(8), Flag()
    reader = Thread(target=follow, args=(before, seen, done))
    reader.start()
    kills = []

    def kill_sequencers():
        while time.monotonic() < writers.until:
            process = processes.start("manage.py", "sequencer")
            stamped = Event.objects.filter(position__isnull=False).count()
            while time.monotonic() < writers.until and Event.objects.filter(position__isnull=False).count() < stamped + 20:
                time.sleep(0.02)
            process.kill()
            kills.append(process.wait())

    raised = together([kill_sequencers, *(partial(writers.write, seed) for seed in range(1, 5))])
    while sequence.drain() == 0 and Event.objects.filter(position=None).exists():
        time.sleep(0.1)  # the server still holds the dead leader's lock
    done.set()
    reader.join()

    assert raised == []
    assert kills
    assert set(kills) == {-9}
    check_feed(seen, writers, before)


@pytest.mark.django_db(transaction=True)
def test_p7_there_is_one_sequencer_and_the_next_takes_over():
    prepare()
    outcomes = []

    def second():
        with sequence.leading() as leads:
            outcomes.append(leads)

    with sequence.leading() as leads:
        assert leads
        together([second])
    together([second])

    assert outcomes == [False, True]


@pytest.mark.django_db(transaction=True)
def test_p7_what_was_committed_before_a_crash_is_stamped_by_whoever_leads_next():
    before = prepare()
    viewer = cast.make().zoe
    send(customer("after", OTHER), at=later(1))

    assert told(viewer, after=before) == []
    sequence.drain()
    assert [event["position"] for event in told(viewer, after=before)] == [before + 1]
