"""How a cluster came about: the unions that built it, one after the other, and what was refused at its border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from matching.cluster import metrics, run
from matching.cluster.components import components
from matching.config.model import Model
from matching.score.fellegi_sunter import score
from matching.types import Clusters, FloatArray, IntArray, Levels, Refusal, Standardised, Union


@dataclass(frozen=True, slots=True)
class Joined:
    """One union: two groups became one over the pair `left`, `right` (ids). `mean`: bits over all pairs between the groups."""

    left: str
    right: str
    weight: float
    probability: float
    left_size: int
    right_size: int
    mean: float
    is_decided: bool

    @property
    def sentence(self) -> str:
        groups = f"{self.left} ({_records(self.left_size)}) and {self.right} ({_records(self.right_size)})"
        if self.is_decided:
            return f"{groups}: a steward decided that they are the same."
        return f"{groups}: {self.weight:+.1f} bits, probability {self.probability:.4f}; mean of the two sides {self.mean:+.1f}."


@dataclass(frozen=True, slots=True)
class Kept:
    """One union refused at the border. `inside` (an id of the cluster) and `outside` are the bridge: too weak, or forbidden."""

    inside: str
    outside: str
    weight: float
    reason: str
    detail: str
    outside_size: int

    @property
    def sentence(self) -> str:
        where = f"{self.outside} (now in a cluster of {_records(self.outside_size)})"
        return f"Kept apart from {where}: the bridge {self.inside} - {self.outside} has {self.weight:+.1f} bits. {self.detail}"


@dataclass(frozen=True, slots=True)
class Growth:
    """The cluster of one record. `component`: how many records hang together with it by pairs or decisions.

    `cohesion`: mean weight over all pairs of the cluster. `weakest`, `weakest_weight`: the pair whose removal parts it most
    easily. They are None for a record alone, and for clusters too large to be looked at pair by pair. `probability`: that of the
    weakest union.
    """

    members: tuple[str, ...]
    component: int
    probability: float
    unions: tuple[Joined, ...]
    refused: tuple[Kept, ...]
    cohesion: float | None
    weakest: tuple[str, str] | None
    weakest_weight: float | None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)

    def text(self) -> str:
        """The same as lines of text."""
        lines = [f"A cluster of {_records(len(self.members))}: {', '.join(self.members)}"]
        lines += [f"{number}. {union.sentence}" for number, union in enumerate(self.unions, start=1)]
        if self.weakest and self.weakest_weight is not None:
            lines.append(
                f"It would part at {self.weakest[0]} - {self.weakest[1]} ({self.weakest_weight:+.1f} bits);"
                f" its pairs have {self.cohesion:+.1f} bits on average."
            )
        if not self.unions:
            lines.append("Nothing was joined to it.")
        return "\n".join([*lines, *(kept.sentence for kept in self.refused)])


def growth(
    model: Model,
    std: Standardised,
    pairs: tuple[Any, Any, Any],
    of: int,
    *,
    ids: Sequence[str],
    must_link: Any = (),
    cannot_link: Any = (),
    unique: Sequence[str | None] = (),
) -> Growth:
    """How the cluster of the record `of` came about; only its component is clustered again. All else as `cluster` takes it."""
    left, right, weight = np.asarray(pairs[0], np.int32), np.asarray(pairs[1], np.int32), np.asarray(pairs[2], np.float32)
    must, cannot = (np.asarray(rows, np.int32).reshape(-1, 2) for rows in (must_link, cannot_link))
    linked = components(len(ids), np.append(left, must[:, 0]), np.append(right, must[:, 1]))
    rows = np.array(sorted(np.flatnonzero(linked == linked[of]).tolist(), key=ids.__getitem__), np.int64)
    place = np.full(len(ids), -1, np.int32)
    place[rows] = np.arange(len(rows))
    inside = place[left] >= 0
    edges = run.Edges(place[left[inside]], place[right[inside]], weight[inside])
    mine = [unique[row] for row in rows.tolist()] if unique else ()
    must, cannot = (place[some][(place[some] >= 0).all(1)] for some in (must, cannot))
    names = [ids[row] for row in rows.tolist()]
    return _grown(model, std.take(rows), (edges, run.Rules(must, cannot, mine)), names, of=int(place[of]))


def _grown(model: Model, std: Standardised, known: tuple[run.Edges, run.Rules], names: Sequence[str], *, of: int) -> Growth:
    """`known`: pairs and rules of the one component that `std` is."""

    def scorer(one: IntArray, other: IntArray) -> tuple[FloatArray, Levels]:
        scores = score(model, std, one, other)
        return scores.weight, scores.levels

    unions: list[Union] = []
    found = run.cluster(model, known[0], names, scorer, rules=known[1], unions=unions)
    mine = found.labels == found.labels[of]
    measured = metrics.metrics(np.where(mine, 0, np.cumsum(~mine)).astype(np.int32), lambda one, other: scorer(one, other)[0])
    is_measured = len(measured.label) > 0 and measured.label[0] == 0
    return Growth(
        members=tuple(np.array(names, object)[mine].tolist()),
        component=len(names),
        probability=round(float(found.strength[of]), 6),
        unions=tuple(_joined(union, names) for union in unions if mine[union.left]),
        refused=tuple(_kept(one, found, mine, names) for one in found.refused if mine[one.left] != mine[one.right]),
        cohesion=round(float(measured.cohesion[0]), 3) if is_measured else None,
        weakest=(names[measured.weakest_left[0]], names[measured.weakest_right[0]]) if is_measured else None,
        weakest_weight=round(float(measured.weakest[0]), 3) if is_measured else None,
    )


def _joined(union: Union, names: Sequence[str]) -> Joined:
    numbers = (round(union.weight, 3), round(union.probability, 6))
    sizes = (union.left_size, union.right_size)
    return Joined(names[union.left], names[union.right], *numbers, *sizes, round(union.mean, 3), union.is_decided)


def _kept(refusal: Refusal, found: Clusters, mine: Any, names: Sequence[str]) -> Kept:
    inside, outside = (refusal.left, refusal.right) if mine[refusal.left] else (refusal.right, refusal.left)
    size = int((found.labels == found.labels[outside]).sum())
    return Kept(names[inside], names[outside], round(refusal.weight, 3), refusal.reason, refusal.detail, size)


def _records(count: int) -> str:
    return f"{count} record" + ("s" if count != 1 else "")
