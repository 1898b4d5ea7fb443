"""Where a release, left to itself, would not do as people said."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mdm.engine.replay.differences import Differences
from mdm.engine.replay.facts import Facts, Pairs

Mask = NDArray[np.bool_]


def newly(found: Differences) -> Mask:
    """Which decisions the release contradicts that the stored pairs do not; (d,) as `facts.decisions` has them.

    A "same" is contradicted where the two are no longer even asked about; a "different" where they would be joined. People's word
    holds all the same: this says how far the model has moved away from it.
    """
    facts = found.facts
    before, after = _contradicted(facts, facts.pairs), _contradicted(facts, found.pairs)
    newly: Mask = after & ~before
    return newly


def _contradicted(facts: Facts, pairs: Pairs) -> Mask:
    said, size = facts.decisions, max(len(facts.record), 1)
    asked = facts.places(said.left) * size + facts.places(said.right)
    known = facts.places(pairs.left) * size + facts.places(pairs.right)  # ascending, as the pairs are
    place = np.minimum(np.searchsorted(known, asked), max(len(known) - 1, 0))
    is_known = known[place] == asked if len(known) else np.zeros(len(asked), bool)
    is_auto = pairs.is_auto[place] & is_known if len(known) else is_known
    found: Mask = np.where(said.is_same, ~is_known, is_auto)
    return found
