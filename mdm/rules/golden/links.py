"""Which must-links and cannot-links say a partition of records, and no more than that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

Link = tuple[int, int]
MOST_APART = 2_000
"""Cannot-links that one act may write."""


def tied(groups: Iterable[Collection[int]], ages: Mapping[int, int], said: Iterable[Link]) -> list[Link]:
    """Must-links that hold each group together, beside those that `said` already says; sorted.

    All lead to the eldest of a group (`ages`: the smaller the older), which was there before anything was merged into it: a
    merge taken back later leaves the others where they belong.
    """
    bundles = joined(said)
    links: set[Link] = set()
    for group in groups:
        eldest_first = sorted(group, key=lambda record: (ages.get(record, 0), record))
        held = {bundles.get(eldest_first[0], eldest_first[0])} if eldest_first else set()
        for record in eldest_first[1:]:
            bundle = bundles.get(record, record)
            if bundle not in held:
                links.add(in_order(eldest_first[0], record))
                held.add(bundle)
    return sorted(links)


def apart(groups: Sequence[Collection[int]]) -> list[Link]:
    """Cannot-links between any two records of different groups, sorted."""
    return sorted(
        in_order(one, other)
        for place, group in enumerate(groups)
        for later in groups[place + 1 :]
        for one in group
        for other in later
    )


def joined(links: Iterable[Link]) -> dict[int, int]:
    """Record to the smallest record it hangs together with by `links`; a record without a link is left out."""
    root: dict[int, int] = {}

    def find(record: int) -> int:
        while root.setdefault(record, record) != record:
            root[record] = root[root[record]]
            record = root[record]
        return record

    for one, other in links:
        low, high = sorted((find(one), find(other)))
        root[high] = low
    return {record: find(record) for record in list(root)}


def through(links: Iterable[Link], living: Collection[int]) -> tuple[Link, ...]:
    """The same must-links among `living` records: what two are tied to by one that is gone ties them to each other.

    Links between living records stay as they are, in their order.
    """
    said = list(dict.fromkeys(links))
    kept = [link for link in said if link[0] in living and link[1] in living]
    if len(kept) == len(said):
        return tuple(kept)
    direct = joined(kept)
    first: dict[int, int] = {}
    for record, bundle in sorted(joined(said).items()):
        if record in living:
            known = first.setdefault(bundle, record)
            if direct.get(record, record) != direct.get(known, known):
                kept.append((known, record))
    return tuple(dict.fromkeys(kept))


def in_order(one: int, other: int) -> Link:
    return (one, other) if one < other else (other, one)
