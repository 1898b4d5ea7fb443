"""Pairs, groups and homes of a whole domain under another release, beside those that are stored."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

import matching
from mdm.engine.releases import Release
from mdm.engine.replay import facts as stored_facts
from mdm.engine.replay import forms as record_forms
from mdm.engine.replay.facts import Facts, Numbers, Pairs
from mdm.engine.replay.forms import Forms
from mdm.errors import BadInput
from mdm.rules.governance.releasing.release_stages import GROUPS, PAIRS, Touched

Mask = NDArray[np.bool_]
PORTION = 400
"""Records of a portion to visit, at least: so many are brought over in one transaction."""
NEAR = 1e-4
"""Bits around a threshold within which a stored weight, being rounded, does not say on which side the pair stands."""
THRESHOLDS = {"match.auto", "match.review"}
DIGITS = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyz?", np.uint8)
"""As `comparing` writes levels."""


@dataclass(frozen=True, slots=True, eq=False)
class Turned:
    """Pairs by how they turn, masks over the old (`gone`) or the new pairs (all others).

    `to_auto`: were asked about and are joined now; `to_review`: the other way. `other`: weight, level or reason differs.
    """

    new: Mask
    gone: Mask
    to_auto: Mask
    to_review: Mask
    other: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """What a release changes of a domain.

    `forms`: of the records at `rows`, places in `facts.record`: all that a change can reach. `cluster`: their new group (n,).
    `pairs`: those that `release` finds; `near`: places of those whose band only the exact weight can tell.
    """

    facts: Facts
    rows: Numbers
    forms: Forms
    cluster: Numbers
    pairs: Pairs
    turned: Turned
    near: Numbers

    @property
    def records(self) -> Numbers:
        """Row IDs of the records at `rows`."""
        return self.facts.record[self.rows]

    def moved(self) -> Mask:
        """Which of `rows` stand in a group that is not one whole golden record of today."""
        home = self.facts.home[self.rows]
        if not len(home):
            return np.zeros(0, bool)
        both, place = np.unique(np.stack([self.cluster, home]), axis=1, return_inverse=True)
        alone = [np.unique(side, return_inverse=True, return_counts=True)[1:] for side in both]
        whole = np.logical_and(*(count[number] == 1 for number, count in alone)) & (both[1] > 0)
        moved: Mask = ~whole[place.ravel()]
        return moved

    def visits(self) -> Iterator[Numbers]:
        """Row IDs of all records that have to be looked at, in portions of whole components, old and new ones together."""
        wanted = np.zeros(len(self.facts.record), bool)
        wanted[self.rows[self.moved()]] = True
        pairs, old = self.pairs, self.facts.pairs
        turned = pairs.only(self.turned.new | self.turned.to_auto | self.turned.to_review | self.turned.other)
        for some in (turned, old.only(self.turned.gone), pairs.only(self.near)):
            wanted[self.facts.places(np.append(some.left, some.right))] = True
        wanted[self.facts.places(np.array(self.forms.other, np.int64))] = True
        return self._portions(wanted)

    def _portions(self, wanted: Mask) -> Iterator[Numbers]:
        place = np.flatnonzero(wanted)
        number = self.components()[place]
        order = np.argsort(number, kind="stable")
        place, number = place[order], number[order]
        ends = np.append(np.flatnonzero(number[1:] != number[:-1]) + 1, len(place)) if len(place) else place
        start = 0
        while start < len(place):
            end = int(ends[min(int(np.searchsorted(ends, start + PORTION)), len(ends) - 1)])
            yield self.facts.record[place[start:end]]
            start = end

    def components(self) -> Numbers:
        """Which records hang together, by what is stored or by what is new; (n,) numbers of all records."""
        return _components(self.facts, self.pairs)


def find(release: Release, *, domain: str, touched: Touched, today: date) -> Differences:
    """Everything that `release` changes of the records of `domain`, computed in columns from what is stored; writes nothing.

    `touched`: the steps that give another result; what comes before them is taken as it stands. Where only thresholds moved, only
    components are looked at in which something may change. Memory: the standardised values of the records looked at.

    Raises:
        BadInput: a match key is shared by far too many records.
    """
    facts = stored_facts.read(domain)
    rows = _reached(release, facts, touched)
    forms = record_forms.read(release, facts.record[rows], touched=touched, today=today)
    find_pairs = touched.any(PAIRS)
    pairs, labels = (_partition if find_pairs else _regroup)(release, facts, rows, forms, touched)
    near = np.flatnonzero(_is_near(release, pairs.weight)) if not find_pairs and touched.any(GROUPS) else np.zeros(0, np.int64)
    return Differences(facts, rows, forms, labels, pairs, _turned(facts, pairs), near)


def _reached(release: Release, facts: Facts, touched: Touched) -> Numbers:
    """Places of the records that the change can reach."""
    everybody = np.arange(len(facts.record))
    if touched.any(PAIRS):
        return everybody
    if not touched.any(GROUPS):
        return everybody[:0]
    number = _components(facts, facts.pairs)
    sizes = np.bincount(number, minlength=1)
    reached = sizes > 1
    if {part for part in touched.parts if part.startswith(("match", "model"))} <= THRESHOLDS:
        # Two records alone are joined by their one pair: it has to cross a threshold. Of three, all pairs inside count.
        after = facts.pairs.weight >= release.model.thresholds.auto_weight
        gone = facts.pairs.weight < release.model.thresholds.review_weight
        crossing = (after != facts.pairs.is_auto) | gone | _is_near(release, facts.pairs.weight)
        reached = sizes > 2
        reached[number[facts.places(facts.pairs.left[crossing])]] = True
    return everybody[reached[number]]


def _is_near(release: Release, weight: NDArray[np.float64]) -> Mask:
    levels = release.model.thresholds
    near: Mask = np.minimum(abs(weight - levels.auto_weight), abs(weight - levels.review_weight)) < NEAR
    return near


def _components(facts: Facts, pairs: Pairs) -> Numbers:
    """Components of records over stored pairs, `pairs`, people's "same" and present homes."""
    order = np.argsort(facts.home, kind="stable")
    together = (facts.home[order][1:] == facts.home[order][:-1]) & (facts.home[order][1:] > 0)
    sides = [
        (facts.places(some.left), facts.places(some.right)) for some in (facts.pairs, pairs)
    ] + [
        (order[:-1][together], order[1:][together]),
        (facts.places(facts.same[:, 0]), facts.places(facts.same[:, 1])),
    ]  # fmt: skip
    left, right = (np.concatenate([side[place] for side in sides]) for place in (0, 1))
    return np.asarray(matching.components(len(facts.record), left.astype(np.int32), right.astype(np.int32)), np.int64)


Found = tuple[Pairs, Numbers]


def _partition(release: Release, facts: Facts, rows: Numbers, forms: Forms, touched: Touched) -> Found:  # noqa: PLR0917
    """Keys, pairs and groups of all records anew."""
    if not len(rows):
        return Pairs.of([]), rows
    try:
        found = matching.partition(release.model, forms.table, ids=forms.names, unique=forms.tokens, **_links(facts, rows))
    except matching.BadInput as error:
        raise BadInput(f"These records cannot be matched by this release: {error}.") from error
    left, right = facts.record[found.left], facts.record[found.right]
    levels = np.ascontiguousarray(DIGITS[np.minimum(found.scores.levels, len(DIGITS) - 1)])
    pattern = levels.view(f"S{levels.shape[1]}").ravel() if levels.size else np.zeros(len(left), "S1")
    weight = np.array([round(value, 4) for value in found.scores.weight.tolist()], np.float64)
    order = np.lexsort((right, left))
    return Pairs(left, right, weight, found.scores.band == 2, pattern).only(order), found.clusters.labels.astype(np.int64)


def _regroup(release: Release, facts: Facts, rows: Numbers, forms: Forms, touched: Touched) -> Found:  # noqa: PLR0917
    """Groups anew over the stored pairs; those that no longer reach the review level fall away."""
    levels, old = release.model.thresholds, facts.pairs
    if not touched.any(GROUPS):
        return old, np.zeros(0, np.int64)
    pairs = old.only(old.weight >= levels.review_weight)
    pairs = Pairs(pairs.left, pairs.right, pairs.weight, pairs.weight >= levels.auto_weight, pairs.pattern)
    if not len(rows):
        return pairs, rows
    inside = pairs.only(np.isin(pairs.left, facts.record[rows]))
    left, right = (np.searchsorted(facts.record[rows], side).astype(np.int32) for side in (inside.left, inside.right))
    weights = inside.weight.astype(np.float32)
    said = _links(facts, rows)
    found = matching.regroup(release.model, forms.table, (left, right, weights), ids=forms.names, unique=forms.tokens, **said)
    return pairs, found.labels.astype(np.int64)


def _links(facts: Facts, rows: Numbers) -> dict[str, Any]:
    """What people said, by the places in `rows`, and how many processes share the work."""
    said, mine = facts.decisions, facts.record[rows]
    different = np.stack([said.left, said.right], axis=1)[~said.is_same]
    must, cannot = (np.searchsorted(mine, some[np.isin(some, mine).all(axis=1)]) for some in (facts.same, different))
    return {"must_link": must, "cannot_link": cannot, "threads": len(os.sched_getaffinity(0))}


def _turned(facts: Facts, new: Pairs) -> Turned:
    """The stored pairs beside the new ones."""
    old, size = facts.pairs, len(facts.record)
    one, two = (facts.places(side.left) * size + facts.places(side.right) for side in (old, new))
    stays_old, stays_new = np.isin(one, two, assume_unique=True), np.isin(two, one, assume_unique=True)
    kept, now = old.only(stays_old), new.only(stays_new)
    masks = [np.zeros(len(new), bool) for _ in range(3)]
    masks[0][stays_new] = now.is_auto & ~kept.is_auto
    masks[1][stays_new] = kept.is_auto & ~now.is_auto
    masks[2][stays_new] = (now.weight != kept.weight) | (now.pattern != kept.pattern)
    return Turned(~stays_new, ~stays_old, *masks)
