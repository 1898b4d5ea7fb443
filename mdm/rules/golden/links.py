"""Which must-links and cannot-links say a partition of records, and no more than that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

Link = tuple[int, int]
MOST_APART = 2_000
"""Cannot-links that one act may write."""


def tied(
    groups: Iterable[Collection[int]], ages: Mapping[int, int], said: Collection[Link], blocks: Mapping[int, int]
) -> list[Link]:
    """Must-links that hold each group together, beside those that `said` already says; sorted.

    `ages`: record to when it came where it is, the smaller the older. `blocks`: record to what evidence alone holds together.
    What others said holds a block to the rest: such a block is left to them and goes with them when they take it back. Every
    other record is tied, to the eldest where nobody tied it to that one, so that it stays whoever takes back what.
    """
    known = set(said)
    bundles = joined([*known, *_within(blocks)])
    links: set[Link] = set()
    for group in groups:
        held: dict[int, int] = {}
        eldest_first = sorted(group, key=lambda record: (ages.get(record, 0), record))
        homes = {one: blocks.get(one, one) for one in eldest_first}
        links |= _tree([one for one in eldest_first if held.setdefault(bundles.get(one, one), homes[one]) == homes[one]], known)
    return sorted(links)


def _tree(records: Sequence[int], known: Collection[Link]) -> set[Link]:
    """Links that tie `records` to the first of them; where that link is `known`, to another one, if there is one."""
    tied, links = dict.fromkeys(records[:1]), set[Link]()
    for record in (*records[1:], *records[1:]):  # what found nobody the first time may the second time
        free = next((one for one in tied if in_order(one, record) not in known), None)
        if record not in tied and free is not None:
            links.add(in_order(free, record))
            tied[record] = None
    return links


def _within(blocks: Mapping[int, int]) -> list[Link]:
    """Links that say the blocks: each record with the first of its own."""
    firsts: dict[int, int] = {}
    return [(firsts.setdefault(block, record), record) for record, block in sorted(blocks.items())]


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
