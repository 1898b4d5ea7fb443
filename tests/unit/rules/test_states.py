"""Every state machine of the rules: the table is the truth, and check_arrow obeys it."""

from __future__ import annotations

import itertools

import pytest

from mdm.errors import IllegalTransition
from mdm.rules.exchange import drift, job_states
from mdm.rules.golden import golden_states, pair_states, reservation_states
from mdm.rules.golden.kin import findings
from mdm.rules.intake import load_states, quarantine_states

MACHINES = {
    "load": (load_states.ARROWS, load_states.check_arrow, "RUNNING"),
    "quarantine": (quarantine_states.ARROWS, quarantine_states.check_arrow, "OPEN"),
    "pair, people": (pair_states.ARROWS, pair_states.check_arrow, "OPEN"),
    "pair, machine": (pair_states.MACHINE_ARROWS, pair_states.check_machine_arrow, "OPEN"),
    "golden": (golden_states.ARROWS, golden_states.check_arrow, "LIVE"),
    "reservation": (reservation_states.ARROWS, reservation_states.check_arrow, "RESERVED"),
    "job": (job_states.ARROWS, job_states.check_arrow, "QUEUED"),
    "finding": (findings.ARROWS, findings.check_arrow, "OPEN"),
    "drift": (drift.ARROWS, drift.check_arrow, "OPEN"),
}
EVERY = pytest.mark.parametrize(("arrows", "check", "start"), MACHINES.values(), ids=MACHINES.keys())


@EVERY
def test_check_arrow_allows_what_the_table_allows_and_nothing_else(arrows, check, start):
    for old, new in itertools.product(arrows, repeat=2):
        if new in arrows[old]:
            check(old, new)
        else:
            with pytest.raises(IllegalTransition):
                check(old, new)


@EVERY
def test_every_state_has_a_row_and_no_arrow_to_itself(arrows, check, start):
    states = set(type(next(iter(arrows))))

    assert set(arrows) == states
    assert all(old not in arrows[old] for old in states)


@pytest.mark.parametrize("name", [name for name in MACHINES if not name.startswith("pair")])
def test_every_state_can_be_reached(name):
    arrows, _, start = MACHINES[name]

    assert _reachable(arrows, start) == set(arrows)


def test_every_pair_state_can_be_reached_by_people_and_machine_together():
    both = {state: pair_states.ARROWS[state] | pair_states.MACHINE_ARROWS[state] for state in pair_states.ARROWS}

    assert _reachable(both, "OPEN") == set(both)


def test_no_machine_step_leaves_a_verdict():
    assert pair_states.MACHINE_ARROWS[pair_states.PairStatus.SAME] == frozenset()
    assert pair_states.MACHINE_ARROWS[pair_states.PairStatus.DIFFERENT] == frozenset()


def test_a_refused_move_says_what_is_possible_instead():
    with pytest.raises(IllegalTransition, match=r"A pair that is SAME cannot become DIFFERENT; it can become OPEN\."):
        pair_states.check_arrow(pair_states.PairStatus.SAME, pair_states.PairStatus.DIFFERENT)
    with pytest.raises(IllegalTransition, match="nothing: that is its end"):
        load_states.check_arrow(load_states.LoadStatus.DONE, load_states.LoadStatus.RUNNING)


def _reachable(arrows, start):
    seen, waiting = set(), [start]
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            waiting += arrows[state]
    return seen
