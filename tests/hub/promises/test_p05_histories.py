"""P5 on random histories: an act taken back leaves no trace, and all that must hold holds after each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Max
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from mdm.actions.exchange import sequence
from mdm.actions.golden import decisions, overrides, undoing
from mdm.engine.preparing import Incoming
from mdm.errors import Conflict
from mdm.models import (
    ChangeSet,
    Crosswalk,
    Decision,
    Event,
    Golden,
    GoldenVersion,
    MatchPair,
    Override,
    SourceRecord,
    SourceVersion,
)
from mdm.readers.golden import changes
from mdm.readers.governance import invariants
from mdm.readers.governance.rebuilding import feed, goldens, partition
from mdm.rules.golden.change_kinds import PERSONS, REGROUPS
from mdm.rules.golden.pair_states import ARROWS, PairStatus
from tests.factories import firms, states
from tests.factories.pinned import pin
from tests.factories.records import customer, send
from tests.factories.regrouped import merge, move, split
from tests.factories.times import later
from tests.people import People

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

SYSTEMS = ("crm", "erp", "psa")
NAMES = ("Quorl", "Vexpol", "Ulmdor", "Brindle")
ENTITIES = ("LE-1", "LE-2")
TICK, NIGHT, END = 0.01, 6, 5
"""Minutes: between two acts, which is well within the undo window; over a night; until a pinned value with an end is over."""
FIRSTS: dict[str, int] = {}
"""By sequence: the number before those of every history, a multiple of ROUND, so that sets are walked alike in all runs."""
ROUND = 2**20


def payloads() -> list[dict[str, Any]]:
    """What a record can say: four firms, each in five ways. Some ways only a person can tell to be the same, or to be two."""
    found = []
    for place, name in enumerate(NAMES):
        (plain,) = firms.alike(name, "crm")
        one, other = firms.doubtful(name)
        neighbour = firms.doubtful(NAMES[place - 1])[0].payload["phone"]
        found += [
            dict(plain.payload),
            {**plain.payload, "city": "York", "phone": one.payload["phone"]},
            {**plain.payload, "legal_entity": ENTITIES[place % 2], "phone": neighbour},
            dict(one.payload),
            dict(other.payload),
        ]
    return found


KEYS = st.tuples(st.sampled_from(SYSTEMS), st.integers(0, 3))
SAID = st.lists(st.tuples(KEYS, st.sampled_from([*payloads(), *([None] * 5)])), min_size=1, max_size=3)
DIES = st.integers(-90, 60).map(lambda number: max(number, 0))
"""After how many statements an act dies, 0 never."""
PICK = st.integers(0, 10_000)
PICKS = st.tuples(PICK, PICK, PICK, PICK)
WAYS = st.sampled_from(["stands", "stands", "undo", "unmerge"])
CHOICES = st.sampled_from([{}, {"city": {"value": "Hull"}}, {"industry": {"value": "Food"}}])


class Crash(BaseException):
    """The process dies here."""


class Histories(RuleBasedStateMachine):
    """One history. `FIRED`: how often each rule did what it is there for, over all histories."""

    PEOPLE: People
    FIRED: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        rewind()
        self.minute = 0.0
        self.dies_after = 0
        self.grouped: Any = None
        self.acts: list[ChangeSet] = []
        entity = {"country": "GB"}
        send(*(Incoming("crm", "entity", name, {"name": f"{name} Holding", **entity}, "legal_entity") for name in ENTITIES))

    def teardown(self) -> None:
        """What is only ever added is looked at once, at the end of a history: what is wrong of it stays wrong."""
        try:
            assert [found.fault for found in (goldens.kept(), feed.check())] == ["", ""]
        finally:
            transaction.savepoint_rollback(self.savepoint)

    # What happens to the hub.

    @initialize(names=st.permutations(NAMES), more=SAID)
    def begin(self, names: Sequence[str], more: list[Any]) -> None:
        """Two firms of two records each, and a few records more."""
        two = [
            ((system, place), firms.alike(name, system)[0].payload)
            for place, name in enumerate(names[:2])
            for system in SYSTEMS[:2]
        ]
        self._send([*two, *more])

    @rule(said=SAID, dies=DIES)
    def ingest(self, said: list[Any], dies: int) -> None:
        """Records come, change, and go."""
        self.dies_after = dies
        known = set(SourceRecord.objects.filter(is_live=True).values_list("native_id", flat=True))
        self._send(said)
        for (system, slot), payload in dict(said).items():
            if f"{system}-{slot}" in known:
                self.fired("update" if payload else "delete")
            else:
                self.fired("ingest" if payload else "nothing to delete")

    @rule(which=PICKS, way=WAYS, dies=DIES, choices=CHOICES)
    def merge(self, which: tuple[int, ...], way: str, dies: int, choices: dict[str, Any]) -> None:
        self._act("merge", which, way, dies, choices)

    @rule(which=PICKS, way=WAYS, dies=DIES)
    def split(self, which: tuple[int, ...], way: str, dies: int) -> None:
        self._act("split", which, way, dies)

    @rule(which=PICKS, way=WAYS, dies=DIES)
    def move(self, which: tuple[int, ...], way: str, dies: int) -> None:
        self._act("move", which, way, dies)

    def _act(self, kind: str, which: tuple[int, ...], way: str, dies: int, choices: Any = None) -> None:
        """The property: an act and its inverse are nothing, in the tables and for whoever listens."""
        self.dies_after = dies
        before, start = picture(), last_event()
        change = self._regroup(kind, which, choices or {})
        if change is None:
            return
        if way == "stands":
            self.acts.append(change)
            self.fired(kind)
            return
        told, middle = changes_told(start), last_event()
        act = undoing.undo if way == "undo" else undoing.unmerge
        self.do(partial(act, change_id=change.pk, actor=self.PEOPLE.zoe))
        assert_stands(before, without={"words", "pairs"} if way == "unmerge" else ())
        assert changes_told(middle) == told
        self.fired(f"{kind} and {way}")
        self.fired(way)

    @precondition(lambda self: self.acts)
    @rule(which=PICK, way=st.sampled_from(["undo", "unmerge"]), dies=DIES)
    def take_back_later(self, which: int, way: str, dies: int) -> None:
        """Whatever happened since; refused where it was taken back, its window is over, or a later act depends on it."""
        self.dies_after = dies
        change = self.acts[which % len(self.acts)]
        if ChangeSet.objects.filter(undoes=change).exists():
            self.acts.remove(change)
            with pytest.raises(Conflict, match="undone already"):
                self.do(partial(getattr(undoing, way), change_id=change.pk, actor=self.PEOPLE.zoe))
        elif way == "unmerge":
            self._unmerge(change)
        else:
            with suppress(Conflict):
                self.do(partial(undoing.undo, change_id=change.pk, actor=self.PEOPLE.zoe))
                self._taken_back(change)
                self.fired("undo later")

    def _unmerge(self, change: ChangeSet) -> None:
        """Refused with the name of a later act that depends on it, and then done with that one."""
        act = partial(undoing.unmerge, change_id=change.pk, actor=self.PEOPLE.zoe)
        dependents = changes.dependents(change)
        if dependents:
            with pytest.raises(Conflict, match=f"Change {dependents[0].pk} .* came later and depends on it"):
                self.do(act)
        done = self.do(partial(act, chain=True))
        assert [one.undoes_id for one in done] == [one.pk for one in [*dependents, change]]
        self._taken_back(change)
        self._parted(change)
        self.fired("unmerge in a chain" if dependents else "unmerge later")

    @rule(
        which=PICK,
        attribute=st.sampled_from(["city", "industry"]),
        value=st.sampled_from(["Hull", "Food", None]),
        ends=st.sampled_from(["never", "later", "tonight"]),
    )
    def override(self, which: int, attribute: str, value: str | None, ends: str) -> None:
        """A value is pinned; its end, and that of others, comes with a night."""
        golden = some(Golden.objects.live().filter(domain="customer"), which)
        if golden is not None:
            more = {"expires_at": later(self.minute + END)} if ends != "never" else {}
            self.do(partial(pin, golden, attribute, value, actor=self.PEOPLE.zoe, **more))
            self.fired("override")
        if golden is not None and ends == "tonight":
            self.minute += NIGHT
            assert self.do(partial(overrides.expire, actor=self.PEOPLE.hub)) > 0
            self.fired("expiry")

    @precondition(lambda self: Override.objects.filter(ended_at=None).exists())
    @rule(which=PICK, back=st.booleans())
    def release(self, which: int, back: bool) -> None:
        row, before = some(Override.objects.filter(ended_at=None), which), picture()
        ended = self.do(partial(overrides.release, override_id=row.pk, actor=self.PEOPLE.zoe))
        self.fired("release")
        if back:
            self.do(partial(undoing.undo, change_id=ended.ended_by_change_id, actor=self.PEOPLE.zoe))
            assert_stands(before)
            self.fired("release and undo")

    @rule(which=PICK, verdict=st.sampled_from(["SAME", "DIFFERENT", "UNSURE"]), back=st.sampled_from(["no", "now", "another"]))
    def decide(self, which: int, verdict: str, back: str) -> None:
        """A word on a pair, and perhaps this one or any other taken back."""
        pair, before = some(MatchPair.objects.exclude(status=verdict), which), picture()
        if pair is None or PairStatus(verdict) not in ARROWS[PairStatus(pair.status)]:
            return
        said = {"pair_id": pair.pk, "verdict": PairStatus(verdict), "seen_version": pair.version}
        self.do(partial(decisions.decide, actor=self.PEOPLE.zoe, **said))
        self.fired("decide")
        if back == "now" and not {word for word in before["words"] if word[1:3] == (pair.left_id, pair.right_id)}:
            word = Decision.objects.get(left=pair.left_id, right=pair.right_id, undone_at=None)
            self.do(partial(undoing.undo, change_id=word.change_set_id, actor=self.PEOPLE.zoe))
            assert_stands(before)
            self.fired("decide and undo")
        elif back == "another":
            word = some(Decision.objects.filter(undone_at=None, change_set__kind="decision"), which)
            self.do(partial(undoing.undo, change_id=word.change_set_id, actor=self.PEOPLE.zoe))
            self.fired("undo a word")

    # What must hold after each step.

    @invariant()
    def all_that_must_hold_holds(self) -> None:
        sequence.stamp()
        assert invariants.broken() == []
        assert goldens.present().fault == ""
        grouped = picture()["words"], Crosswalk.objects.aggregate(last=Max("pk")), SourceVersion.objects.aggregate(last=Max("pk"))
        if grouped != self.grouped:
            assert partition.check().fault == ""
        self.grouped = grouped

    # How it is done.

    def do(self, act: Callable[..., Any]) -> Any:
        """Do it, a little later than what came before; where a crash is due it dies first, and leaves nothing behind."""
        at = self.now()
        if not self.dies_after:
            return act(at=at)
        before, statements, self.dies_after = picture(), self.dies_after, 0
        try:
            with dying(statements):
                return act(at=at)
        except Crash:
            transaction.set_rollback(False)  # the statement was never sent: what was done before it stands
            left = picture()
        done = act(at=at)
        assert left in (before, picture())
        self.fired("crash and replay")
        return done

    def now(self) -> datetime:
        self.minute += TICK
        return later(self.minute)

    def fired(self, name: str) -> None:
        self.FIRED[name] += 1

    def _send(self, said: list[Any]) -> None:
        """Records by their keys; one that says nothing is gone."""
        incoming = [
            customer(f"{system}-{slot}", payload or {}, system=system, is_deleted=payload is None)
            for (system, slot), payload in dict(said).items()
        ]
        self.do(partial(send, *incoming))

    def _regroup(self, kind: str, which: Sequence[int], choices: dict[str, Any]) -> ChangeSet | None:
        """An act on some golden records; None where there is nothing to do it with, or other evidence forbids it."""
        rows = list(Golden.objects.live().filter(domain="customer").order_by("pk"))
        large = [row for row in rows if row.member_count > 1] if kind != "merge" else rows
        if not large or (kind != "split" and len(rows) < 2):
            return None
        latest = (
            {life["golden"] for life in self.acts[-1].lives} | {move["to"] for move in self.acts[-1].moves}
            if self.acts
            else set()
        )
        large = [row for row in large if row.pk in latest] * (which[3] % 3 > 0) or large
        first = large[which[0] % len(large)]
        others = [row for row in rows if row != first]
        keys = sorted(Crosswalk.objects.filter(golden=first, valid_to=None).values_list("record__key", flat=True))
        leaving = tuple(keys[: 1 + which[3] % (len(keys) - 1)]) if kind != "merge" else ()
        said: dict[str, Any] = {"actor": self.PEOPLE.zoe, "set_aside": True}
        if kind == "merge":
            chosen = [first, *(others.pop(pick % len(others)) for pick in which[1 : 2 + which[3] % 2] if others)]
            act = partial(merge, *chosen, keep=chosen[which[2] % len(chosen)].enterprise_id, choices=choices, **said)
        elif kind == "split":
            act = partial(split, first, leaving, **said)
        else:
            act = partial(move, first, others[which[1] % len(others)], *leaving, **said)
        before = picture()
        try:
            return self.do(act)
        except Conflict:
            left = picture()
        assert left == before
        self.fired("refused")
        return None

    def _taken_back(self, change: ChangeSet) -> None:
        """Nothing that it said stands any more."""
        self.acts.remove(change)
        assert not Decision.objects.filter(change_set=change, undone_at=None).exists()
        assert not Override.objects.filter(change_set=change, ended_at=None).exists()

    def _parted(self, change: ChangeSet) -> None:
        """What it brought together is apart, and what moved is where it came from, unless newcomers or later acts hold it."""
        now = dict(Crosswalk.objects.filter(valid_to=None).values_list("record_id", "golden_id"))
        came = {move["record"]: move for move in change.moves if move["from"] is not None and move["to"] is not None}
        then = {
            record: golden
            for golden, members in GoldenVersion.objects.filter(change_set=change).values_list("golden_id", "members")
            for record in members
        }
        for record, left in came.items():
            with_it = {other for other, home in now.items() if home == now.get(record) and other != record}
            for other in with_it & then.keys():
                side = came[other]["from"] if other in came else then[other]
                assert side == left["from"] or then[other] != left["to"], f"{record} and {other} are together"
            later_acts = ChangeSet.objects.filter(pk__gt=change.pk, kind__in=PERSONS).exclude(undoes__gte=change.pk)
            together = Crosswalk.objects.filter(record__in={record, *with_it}, valid_to=None)
            is_held = with_it - then.keys() or together.filter(change_set__in=later_acts).exists()
            assert record not in now or is_held or now[record] == left["from"], f"{record} is not back"


def some(rows: Any, which: int) -> Any:
    """One of the rows in the order of their numbers, None where there are none."""
    found = list(rows.order_by("pk"))
    return found[which % len(found)] if found else None


def rewind() -> None:
    """Numbers are drawn from where the first history drew them: the same history gives the same rows, whatever ran before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || sequencename, coalesce(last_value, 0) FROM pg_sequences ORDER BY 1")
        for name, last in cursor.fetchall():
            first = FIRSTS.setdefault(name, (last // ROUND + 1) * ROUND)
            cursor.execute("SELECT setval(%s::regclass, %s)", [name, first])


def picture() -> dict[str, Any]:
    """All that an undo brings back: golden records, how IDs stand, pinned values, words of people, questions."""
    ids = {
        name: (status, tuple(heirs))
        for name, status, heirs in Golden.objects.values_list("enterprise_id", "status", "successors")
    }
    pins = Override.objects.filter(ended_at=None).values_list("pk", "golden", "carrier", "attribute", "value", "expires_at")
    words = Decision.objects.filter(undone_at=None).values_list("pk", "left", "right", "verdict")
    pairs = MatchPair.objects.values_list("left", "right", "status")
    return {"goldens": states.live(), "ids": ids, "pins": set(pins), "words": set(words), "pairs": set(pairs)}


def assert_stands(before: dict[str, Any], *, without: Collection[str] = ()) -> None:
    """All is as it was. An ID that was given birth to meanwhile stays, ended."""
    after = picture()
    for part in before.keys() - {"ids", *without}:
        assert after[part] == before[part], part
    assert before["ids"].items() <= after["ids"].items()


def last_event() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def changes_told(after: int) -> dict[str, list[str]]:
    """What was told since, by golden record, one event each: the names of what changed."""
    found = list(Event.objects.filter(pk__gt=after))
    told = {event.enterprise_id: sorted(event.data["changed"]) for event in found}
    assert len(told) == len(found), "an act tells of each golden record once"
    return told


def dying(statements: int) -> Any:
    """Dies after so many statements. Savepoints stand for commits here: who dies in one has done all or nothing, so none does."""
    left = iter(range(statements, 0, -1))

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql and next(left, None) == 1:
            raise Crash
        return run(sql, params, many, context)

    return connection.execute_wrapper(execute)


RULES = {
    *("ingest", "update", "delete", "merge", "split", "move", "override", "release", "expiry", "decide", "undo a word"),
    *("crash and replay", "undo", "unmerge"),
}
"""What each rule is there for."""
WAYS_BACK = {
    *("release and undo", "decide and undo", "undo later", "unmerge later", "unmerge in a chain"),
    *(f"{kind} and {way}" for kind in REGROUPS for way in ("undo", "unmerge")),
}


def run(people: People, count: int, *, steps: int, **more: Any) -> Counter[str]:
    """That many histories; how often each rule did what it is there for."""
    Histories.PEOPLE, Histories.FIRED = people, Counter()
    FIRSTS.clear()
    rules = {"max_examples": count, "stateful_step_count": steps, "deadline": None, "database": None, **more}
    run_state_machine_as_test(Histories, settings=settings(suppress_health_check=list(HealthCheck), **rules))
    return Histories.FIRED


@pytest.mark.slow
def test_p5_an_act_taken_back_leaves_no_trace_on_fifty_histories(people):
    fired = run(people, 50, steps=12, derandomize=True)

    assert RULES - set(fired) == set()


@pytest.mark.soak
def test_p5_an_act_taken_back_leaves_no_trace_on_a_thousand_histories(people):
    fired = run(people, 1_000, steps=16)

    assert (RULES | WAYS_BACK) - set(fired) == set()
