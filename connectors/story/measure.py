"""Measures what matching made of the sample, against the truth the sample was generated from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from connectors.twins.sample.firm import Firm, Key
from mdm.readers.golden import partition


@dataclass(frozen=True, slots=True)
class Quality:
    """Pairwise measures, 0..1. `reviewed`: recall once every open question is answered from the truth. `naive`: the F1 of
    the rule "same normalised name and country"; what has no name goes by its number."""

    precision: float
    recall: float
    reviewed: float
    naive: float


def quality(firm: Firm, domain: str) -> Quality:
    """How well the records of one domain were put together."""
    truth = {key: thing for key, (of, thing) in firm.truth.items() if of == domain}
    found = {key: home for key, home in partition.homes(domain).items() if key in truth}
    precision, recall = _pairwise(found, truth)
    _, reviewed = _pairwise(_answered(found, truth, domain), truth)
    naive_precision, naive_recall = _pairwise(_naive(firm, truth), truth)
    return Quality(precision, recall, reviewed, _f1(naive_precision, naive_recall))


def _pairwise(found: Mapping[Key, Hashable], truth: Mapping[Key, str]) -> tuple[float, float]:
    """Precision and recall over pairs of records; a record that was not found is alone."""
    both: Counter[Hashable] = Counter((found.get(key, key), thing) for key, thing in truth.items())
    ours: Counter[Hashable] = Counter(found.get(key, key) for key in truth)
    theirs: Counter[Hashable] = Counter(truth.values())
    hits, claimed, true = _pairs(both.values()), _pairs(ours.values()), _pairs(theirs.values())
    return (hits / claimed if claimed else 1.0), (hits / true if true else 1.0)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _answered(found: Mapping[Key, int], truth: Mapping[Key, str], domain: str) -> dict[Key, int]:
    """The partition after a steward who knows the truth said "same" wherever it is so; nothing is written."""
    head: dict[int, int] = {}

    def top(home: int) -> int:
        while (above := head.get(home, home)) != home:
            home = above
        return home

    for left, right in partition.questions(domain):
        if left in truth and right in truth and truth[left] == truth[right]:
            one, other = sorted((top(found[left]), top(found[right])))
            head[other] = one
    return {key: top(home) for key, home in found.items()}


def _naive(firm: Firm, truth: Mapping[Key, str]) -> dict[Key, Hashable]:
    """Same small-lettered name without punctuation, same country as it stands in the record."""
    groups: dict[Key, Hashable] = defaultdict()
    for (system, name), rows in firm.rows.items():
        for row in rows:
            key = (system, name, row.scope, row.native_id)
            said = row.attributes.get("name") or row.attributes.get("number")
            if key in truth and said:
                words = "".join(letter if letter.isalnum() else " " for letter in said.casefold()).split()
                groups[key] = (" ".join(words), row.attributes.get("country", "").casefold())
    return dict(groups)
