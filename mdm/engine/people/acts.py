"""What a person asks of golden records: merge, split, move. Worked out in one way for preview and act; writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mdm.engine import components, plans
from mdm.engine.components import Component
from mdm.engine.releases import Release
from mdm.errors import BadInput, Conflict, NotFound, StaleVersion
from mdm.models import Crosswalk, Decision, Golden
from mdm.models.golden.goldens import GoldenQuerySet
from mdm.rules.golden import enterprise_id as ids
from mdm.rules.golden import links
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.golden.links import Link

FEWEST, MOST = 2, 50
HELD = "Other decisions or evidence hold these records together in another way; nothing was changed."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks, as they saw it. `seen`: the version of each golden record named, by enterprise ID.

    MERGE: all of `enterprise_ids` become one, `keep` where it is said, else the largest. SPLIT: each of `parts` (records by
    their stable names) leaves the one golden record. MOVE: the one part leaves the first and joins the second.
    `choices`: attribute to {"record": name} or {"value": …}, pinned on what a merge keeps.
    """

    kind: ChangeKind
    enterprise_ids: tuple[str, ...]
    seen: Mapping[str, int]
    keep: str = ""
    parts: tuple[tuple[str, ...], ...] = ()
    choices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Records that are to be one golden record: `keep`, or a new one."""

    records: frozenset[int]
    keep: int | None


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be, over all members of the golden records named.

    `ages`: record to when it came where it is, as a number. `blocks`: record to the number of those that evidence alone, without
    anybody's word, holds together.
    """

    kind: ChangeKind
    domain: str
    goldens: Mapping[int, Golden]
    groups: tuple[Group, ...]
    names: Mapping[int, str]
    ages: Mapping[int, int]
    blocks: Mapping[int, int]

    @property
    def records(self) -> frozenset[int]:
        return frozenset().union(*(group.records for group in self.groups))

    @property
    def prefer(self) -> dict[int, int]:
        """Record to the golden record it is to be in."""
        return {record: group.keep for group in self.groups if group.keep is not None for record in group.records}

    @property
    def leaving(self) -> frozenset[int]:
        """Records that leave for a golden record of their own."""
        return frozenset().union(*(group.records for group in self.groups if group.keep is None))


@dataclass(frozen=True, slots=True)
class Words:
    """The links that an act writes. `contrary`: standing decisions that say otherwise. `settled`: doubts that it answers."""

    same: tuple[Link, ...]
    different: tuple[Link, ...]
    contrary: tuple[Decision, ...]
    settled: tuple[Decision, ...]


def named(wanted: Wanted, goldens: GoldenQuerySet) -> list[Golden]:
    """The golden records that are asked for, in the order they were named; `goldens`: those the actor may see.

    Raises:
        BadInput: too few, too many, or one twice.
        NotFound: one is not known.
        Conflict: they are of several domains.
    """
    names = [ids.parse(name) for name in wanted.enterprise_ids]
    fewest, most = {ChangeKind.MERGE: (FEWEST, MOST), ChangeKind.SPLIT: (1, 1)}.get(wanted.kind, (2, 2))
    if not fewest <= len(names) <= most or len(set(names)) < len(names):
        raise BadInput(f"A {wanted.kind} takes {fewest} to {most} different enterprise IDs.")
    found = {golden.enterprise_id: golden for golden in goldens.filter(enterprise_id__in=names)}
    if missing := [name for name in names if name not in found]:
        raise NotFound(f"Enterprise ID {missing[0]} is not known.")
    if len({golden.domain for golden in found.values()}) > 1:
        raise Conflict("Golden records of different domains are different things; they cannot be one.")
    return [found[name] for name in names]


def worked_out(release: Release, wanted: Wanted, goldens: Sequence[Golden]) -> Act:
    """What is asked, record by record; five queries.

    Raises:
        Conflict, StaleVersion: a golden record is not live, or changed after it was seen.
        BadInput: the parts are not what can be split or moved.
    """
    for golden in goldens:
        check_seen(golden, wanted.seen)
    links = Crosswalk.objects.filter(golden__in=goldens, valid_to=None).order_by("id")
    rows = list(links.values_list("golden_id", "record_id", "record__key", "id"))
    members: dict[int, list[int]] = {}
    for home, record, _, _ in rows:
        members.setdefault(home, []).append(record)
    names, ages = {row[1]: row[2] for row in rows}, {row[1]: row[3] for row in rows}
    groups = _merged(wanted, goldens, members) if wanted.kind == ChangeKind.MERGE else _parted(wanted, goldens, members, names)
    held = {golden.pk: golden for golden in goldens}
    return Act(wanted.kind, release.domain, held, groups, names, ages, _blocks(release, components.read(names)))


def _blocks(release: Release, component: Component) -> dict[int, int]:
    """Record to the number of the cluster that it would be in if nobody had called any two the same."""
    said = {"same": (), "different": component.different}
    clusters = plans.clustered(release, component, **said).clusters
    return {record: number for number, cluster in enumerate(clusters) for record in cluster}


def check_seen(golden: Golden, seen: Mapping[str, int]) -> None:
    """Refuse to act on an ID that ended, or on a golden record that changed after it was seen."""
    if golden.status != "LIVE":
        follows = f" into {', '.join(golden.successors)}" if golden.successors else ""
        raise Conflict(f"{golden.enterprise_id} is {golden.status.lower()}{follows}.")
    if golden.enterprise_id not in seen:
        raise BadInput(f"Say which version of {golden.enterprise_id} you saw.")
    if golden.version != seen[golden.enterprise_id]:
        raise StaleVersion(f"{golden.enterprise_id} changed while you were reading it.")


def _merged(wanted: Wanted, goldens: Sequence[Golden], members: Mapping[int, list[int]]) -> tuple[Group, ...]:
    """All in one; without a choice the largest keeps its ID, of two alike the older one."""
    keep = min(goldens, key=lambda golden: (-len(members[golden.pk]), golden.pk))
    if wanted.keep:
        chosen = [golden for golden in goldens if golden.enterprise_id == ids.parse(wanted.keep)]
        if not chosen:
            raise BadInput(f"{wanted.keep} is not among the golden records to merge.")
        keep = chosen[0]
    return (Group(frozenset(record for mine in members.values() for record in mine), keep.pk),)


def _parted(
    wanted: Wanted, goldens: Sequence[Golden], members: Mapping[int, list[int]], names: Mapping[int, str]
) -> tuple[Group, ...]:
    """The parts taken out of the first golden record: each by itself, or into the second one."""
    first = goldens[0]
    known = {names[record]: record for record in members[first.pk]}
    said = [name for part in wanted.parts for name in part]
    if unknown := sorted(set(said) - set(known)):
        raise BadInput(f"{unknown[0]} is no record of {first.enterprise_id}.")
    if not wanted.parts or not all(wanted.parts) or len(set(said)) < len(said):
        raise BadInput("Each part names at least one record, and each record stands in one part.")
    rest = frozenset(members[first.pk]) - {known[name] for name in said}
    if not rest:
        raise BadInput(f"At least one record stays in {first.enterprise_id}; to empty it, merge it into another.")
    parts = [frozenset(known[name] for name in part) for part in wanted.parts]
    if wanted.kind == ChangeKind.SPLIT:
        return (Group(rest, first.pk), *(Group(part, None) for part in parts))
    second = goldens[1]
    return (Group(rest, first.pk), Group(frozenset(members[second.pk]).union(*parts), second.pk))


def words_of(act: Act, standing: Iterable[Decision]) -> Words:
    """What the act says of pairs of records, beside the `standing` decisions among them.

    Raises:
        Conflict: it would take too many words.
    """
    place = {record: number for number, group in enumerate(act.groups) for record in group.records}
    contrary, settled, same, different = [], [], [], set()
    for word in standing:
        is_inside = place[word.left_id] == place[word.right_id]
        if word.verdict == "UNSURE":
            settled.append(word)
        elif (word.verdict == "SAME") is not is_inside:
            contrary.append(word)
        elif is_inside:
            same.append((word.left_id, word.right_id))
        else:
            different.add((word.left_id, word.right_id))
    sizes = [len(group.records) for group in act.groups]
    if (sum(sizes) ** 2 - sum(size**2 for size in sizes)) // 2 > links.MOST_APART:
        raise Conflict(f"That would keep more than {links.MOST_APART:,} pairs of records apart; split off smaller parts.")
    cut = [link for link in links.apart([group.records for group in act.groups]) if link not in different]
    return Words(
        same=tuple(links.tied([group.records for group in act.groups], act.ages, same, act.blocks)),
        different=tuple(cut),
        contrary=tuple(contrary),
        settled=tuple(settled),
    )


def standing(records: Collection[int]) -> list[Decision]:
    """Decisions that stand between any two of `records`; one query."""
    rows = Decision.objects.filter(left__in=records, right__in=records, undone_at=None)
    return list(rows.select_related("decided_by", "left__source", "right__source").order_by("id"))


def as_if(component: Component, words: Words) -> Component:
    """The component as it will be read once the words are written."""
    ended = {(word.left_id, word.right_id) for word in (*words.contrary, *words.settled)}
    written = {*words.same, *words.different}
    return replace(
        component,
        same=(*(link for link in component.same if link not in ended), *words.same),
        different=(*(link for link in component.different if link not in ended), *words.different),
        unsure=tuple(link for link in component.unsure if link not in ended | written),
    )


def refusal(word: Decision) -> str:
    """Why a standing decision forbids an act, in one sentence."""
    who = word.decided_by.title or word.decided_by.name
    said = {"SAME": "the same", "DIFFERENT": "different"}[word.verdict]
    return (
        f"{who} said on {word.decided_at:%d %b %Y} that {word.left.key} and {word.right.key} are {said} (decision {word.pk});"
        " take that back first, or ask to set it aside."
    )


def is_as_asked(act: Act, homes: Mapping[int, int]) -> bool:
    """Whether the records stand as they were asked to. `homes`: record to golden record, a new one under a number of its own."""
    found = [{homes.get(record) for record in group.records} for group in act.groups]
    kept = all(group.keep is None or group.keep in places for group, places in zip(act.groups, found, strict=True))
    return kept and all(len(places) == 1 for places in found) and len(set().union(*found)) == len(found)
