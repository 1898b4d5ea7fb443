"""The tree around a golden record: the way up to its ultimate parent, and the levels below; now or at a moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from mdm.errors import BadInput, NotFound
from mdm.models import Golden, User
from mdm.readers.golden import goldens
from mdm.readers.golden.history import then as history
from mdm.readers.golden.kin.nodes import Node
from mdm.readers.golden.kin.steps_now import Now
from mdm.readers.golden.kin.steps_then import Then
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.kin import hierarchy
from mdm.rules.golden.kin.hierarchy import Step
from mdm.rules.governance.domains import DomainSpec, Relation

PAGE, MOST_A_PAGE = 50, 200
"""Children of one golden record in one answer."""
DEEPEST_BELOW = 5
MOST_NODES = 1_000
"""Golden records below that one answer holds; where there are more, `more` says so."""


@dataclass(frozen=True, slots=True)
class Place:
    """One golden record of a tree. No ID and no label where the viewer may not see it.

    `depth`: levels away from the one that was asked for. `parent`: the enterprise ID above it, "" at the top. `said_by`: the
    stable name of the record that names that parent, `since` and `until` the days that it gives. `more`: it has children that
    are not in this answer.
    """

    enterprise_id: str
    label: str
    depth: int
    parent: str = ""
    said_by: str = ""
    since: str = ""
    until: str = ""
    more: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """Parents that lead back: each says that the next is its parent. `open`: the place in `around` whose word does not count."""

    around: tuple[Place, ...]
    open: int


@dataclass(frozen=True, slots=True)
class Tree:
    """`upward`: parents, nearest first; the last is the ultimate parent. `below`: each child followed by its own, depth first.

    `next`: the row ID after which the following page of children begins, 0 on the last. `circle`: where the way up comes
    back. `own`: the record itself, with who names its parent.
    """

    golden: Golden
    relation: Relation
    label: str
    upward: tuple[Place, ...] = ()
    below: tuple[Place, ...] = ()
    next: int = 0
    circle: Circle | None = None
    own: Place | None = None

    @property
    def ultimate(self) -> Place | None:
        return self.upward[-1] if self.upward else None


@dataclass(frozen=True, slots=True)
class Way:
    """The parents of a golden record in one hierarchy, nearest first."""

    relation: Relation
    upward: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which tree: `kind` "" is the domain's first hierarchy. `after`, `limit`: the page of children. `depth`: levels below.

    `as_of`: what was true then; `known_at`: what the hub knew then; both None: now.
    """

    kind: str = ""
    depth: int = 1
    after: int = 0
    limit: int = PAGE
    as_of: datetime | None = None
    known_at: datetime | None = None

    @property
    def is_past(self) -> bool:
        return self.as_of is not None or self.known_at is not None


def tree(text: str, asked: Asked, *, viewer: User, now: datetime, domain: str = "") -> Tree:
    """The tree around one golden record. Now: three queries, and one or two a level below; of then: about six a level.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one; or its domain has no such hierarchy.
        NotFound: the ID is not known, lies outside the viewer's confines, or nothing was known of it then.
    """
    golden, sight = goldens.seen(text, viewer=viewer, domain=domain), Sight(viewer)
    relation = relation_of(sight.spec(golden.domain), asked.kind)
    if not asked.is_past:
        steps: Now | Then = Now(golden.domain, relation, sight)
        return _grown(golden, steps, asked, label=sight.label(golden))
    then = history.find(text, viewer=viewer, now=now, as_of=asked.as_of, known_at=asked.known_at, domain=domain)
    if then.status != "LIVE":
        raise NotFound(f"{golden.enterprise_id} was {then.status.lower()} then; it stood in no tree.")
    steps = Then(golden.domain, relation, sight, asked.known_at or now, asked.as_of)
    label = str(then.values.get(then.rules.spec.label, ""))
    return _grown(golden, steps, asked, label=label)


def relation_of(spec: DomainSpec, kind: str) -> Relation:
    """The hierarchy of that kind, the first one for "".

    Raises:
        BadInput: the domain has none, or none of that kind.
    """
    kinds = spec.hierarchies
    if not kinds:
        raise BadInput(f"{spec.title_plural} have no hierarchy.")
    if kind and kind not in kinds:
        raise BadInput(f"kind={kind[:60]!r} is no hierarchy of {spec.title_plural.lower()}; there are {', '.join(kinds)}.")
    return kinds[kind or next(iter(kinds))]


def ways(golden: Golden, *, sight: Sight) -> tuple[Way, ...]:
    """The ways up from one golden record, one a kind of hierarchy. Two queries a kind in which it names a parent."""
    spec = sight.spec(golden.domain)
    return tuple(Way(relation, _way(golden, relation, spec, sight)) for relation in spec.hierarchies.values())


def _way(golden: Golden, relation: Relation, spec: DomainSpec, sight: Sight) -> tuple[Place, ...]:
    if relation.name not in golden.relations:
        return ()
    steps = Now(golden.domain, relation, sight)
    way, _ = _way_up(golden.pk, steps.above([golden.pk]), spec, relation)
    seen = steps.nodes(way)
    return tuple(_place(number, depth, seen, above=parent) for depth, (number, parent) in enumerate(_pairs(way), 1))


def _way_up(start: int, steps: Sequence[Step], spec: DomainSpec, relation: Relation) -> tuple[list[int], hierarchy.Forest]:
    """The golden records above `start`, nearest first, and what all steps make of themselves."""
    made = hierarchy.forest(steps, hierarchy.ranking(spec, relation.name))
    way, current = list[int](), start
    while (current := made.parents.get(current, 0)) and len(way) < hierarchy.DEEPEST:
        way.append(current)
    return way, made


def _grown(golden: Golden, steps: Now | Then, asked: Asked, *, label: str) -> Tree:
    spec, relation = steps.sight.spec(golden.domain), steps.relation
    way, made = _way_up(golden.pk, steps.above([golden.pk]), spec, relation)
    around = made.circles[0] if made.circles else ()
    seen = steps.nodes({golden.pk, *way, *(step.child for step in around)})
    levels, following, more = _levels(golden.pk, steps, asked, made.open)
    below = seen | steps.nodes({step.child for level in levels for step in level})
    return Tree(
        golden=golden,
        relation=relation,
        label=label,
        upward=tuple(_place(number, depth, seen, above=parent) for depth, (number, parent) in enumerate(_pairs(way), 1)),
        below=tuple(_depth_first(golden.pk, [step for level in levels for step in level], below, more)),
        next=following,
        circle=_circle(around, made.open[0], seen) if around else None,
        own=_place(golden.pk, 0, seen, above=way[0] if way else 0),
    )


def _pairs(way: Sequence[int]) -> list[tuple[int, int]]:
    """Each with the one above it, 0 at the top."""
    return list(zip_longest(way, way[1:], fillvalue=0))


def _levels(start: int, steps: Now | Then, asked: Asked, gone: Collection[Step]) -> tuple[list[list[Step]], int, set[int]]:
    """Level by level what stands below, where the next page of children begins, and who has children that are not told."""
    levels: list[list[Step]] = []
    more: set[int] = set()
    first = _standing(steps.below([start], after=asked.after, most=asked.limit + 2), gone)
    following = first[asked.limit - 1].child if len(first) > asked.limit else 0
    level, told = first[: asked.limit], 0
    while level and len(levels) < asked.depth and told < MOST_NODES:
        levels.append(level)
        told += len(level)
        is_last = len(levels) == asked.depth or told >= MOST_NODES
        under = _standing(steps.below([step.child for step in level], most=1 if is_last else PAGE + 1), gone)
        counts: dict[int, int] = {}
        for step in under:
            counts[step.parent] = counts.get(step.parent, 0) + 1
        more |= {parent for parent, count in counts.items() if is_last or count > PAGE}
        level = _first(under, PAGE)
    return levels, following, more


def _standing(found: Sequence[Step], gone: Collection[Step]) -> list[Step]:
    return [step for step in found if step not in gone and step.child != step.parent]


def _first(steps: Sequence[Step], most: int) -> list[Step]:
    """The first `most` of each parent."""
    counts: dict[int, int] = {}
    kept = []
    for step in steps:
        counts[step.parent] = counts.get(step.parent, 0) + 1
        if counts[step.parent] <= most:
            kept.append(step)
    return kept


def _depth_first(start: int, steps: Sequence[Step], seen: Mapping[int, Node], more: Collection[int]) -> list[Place]:
    children: dict[int, list[int]] = {}
    for step in steps:
        children.setdefault(step.parent, []).append(step.child)
    places, waiting = list[Place](), [(child, start, 1) for child in reversed(children.get(start, []))]
    while waiting:
        number, parent, depth = waiting.pop()
        if number in seen:
            places.append(_place(number, depth, seen, above=parent, more=number in more))
            waiting += [(child, number, depth + 1) for child in reversed(children.get(number, []))]
    return places


def _place(number: int, depth: int, seen: Mapping[int, Node], *, above: int, more: bool = False) -> Place:
    node, parent = seen.get(number), seen.get(above)
    if node is None:
        return Place("", "", depth)
    said = {part: str(node.aim.get(part, "")) if above else "" for part in ("said_by", "since", "until")}
    return Place(node.enterprise_id, node.label, depth, parent.enterprise_id if parent else "", **said, more=more)


def _circle(around: Sequence[Step], gone: Step, seen: Mapping[int, Node]) -> Circle:
    places = tuple(_place(step.child, number, seen, above=step.parent) for number, step in enumerate(around))
    return Circle(places, list(around).index(gone))
