"""The page of a split or a move: which records leave, where they go, and what would follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mdm.engine.people.acts import Wanted
from mdm.models import Crosswalk, Golden, SourceRecord, User
from mdm.readers.golden.act_preview import Foresight
from mdm.readers.golden.acting import chosen
from mdm.readers.golden.acting.chosen import Row
from mdm.readers.golden.acting.merging import live
from mdm.readers.golden.search import Hit
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.values import is_empty


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody chose so far. `records`: stable names. `into`: the enterprise ID they join, "" for a new golden record."""

    records: tuple[str, ...] = ()
    into: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One source record. `differs`: (title, value) where it says something else than the golden record."""

    key: str
    system_title: str
    object: str
    scope: str
    native_id: str
    label: str
    since: datetime
    differs: tuple[tuple[str, Any], ...]
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PartPage:
    """`target`: where the records would go, None for a new golden record. `says`: the golden values where a record differs.

    `note`: of the search. `foresight`: None while nothing is chosen.
    """

    golden: Golden
    label: str
    domain_title: str
    parts: tuple[Part, ...]
    says: tuple[tuple[str, Any], ...]
    target: Row | None
    hits: tuple[Hit, ...]
    note: str
    foresight: Foresight | None = None

    @property
    def rows(self) -> tuple[tuple[str, int], ...]:
        """The golden records named, each with the version that the page shows."""
        own = (self.golden.enterprise_id, self.golden.version)
        return (own, (self.target.enterprise_id, self.target.version)) if self.target else (own,)

    @property
    def chosen(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.is_chosen)


def page(text: str, asked: Asked, *, viewer: User, at: datetime) -> PartPage:
    """The page for the golden record of an enterprise ID. A fixed number of queries beside one a hop of the component.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: it was never issued, or lies outside the viewer's confines.
        Conflict: it ended.
    """
    golden, sight = live(text, viewer=viewer), Sight(viewer)
    links = Crosswalk.objects.filter(golden=golden, valid_to=None).select_related("record__source").order_by("record__key")
    parts = tuple(_part(golden, link, asked, sight) for link in links)
    found = chosen.rows(golden, [asked.into], sight=sight)[1:] if asked.into else ()
    target = found[0] if found else None
    without = {golden.enterprise_id, target.enterprise_id if target else ""}
    hits, note = chosen.hits(asked.text, domain=golden.domain, without=without, viewer=viewer)
    if asked.into and target is None:
        note = f"{asked.into} is no other golden record of this domain that you may see."
    titles = (sight.label(golden), sight.spec(golden.domain).title)
    plain = PartPage(golden, *titles, parts, _says(golden, parts, sight), target, hits, note)
    if not plain.chosen or (asked.into and target is None):
        return plain
    return replace(plain, foresight=chosen.foreseen(_wanted(plain), viewer=viewer, at=at))


def _part(golden: Golden, link: Crosswalk, asked: Asked, sight: Sight) -> Part:
    record = link.record
    label = record.attributes.get(sight.spec(golden.domain).label)
    return Part(
        key=record.key,
        system_title=sight.systems[record.source.system_id].title,
        object=record.source.object,
        scope=record.scope,
        native_id=record.native_id,
        label=sight.named(golden.domain, str(label or "")),
        since=link.valid_from,
        differs=_differs(golden, record, sight),
        is_chosen=record.key in asked.records,
    )


def _differs(golden: Golden, record: SourceRecord, sight: Sight) -> tuple[tuple[str, Any], ...]:
    """Where the record says something else; what the viewer may not see is left out."""
    hidden, values = sight.hidden(golden.domain), golden.values
    said: Mapping[str, Any] = record.attributes
    return tuple(
        (item.title, said[item.name])
        for item in sight.spec(golden.domain).attributes
        if item.name not in hidden and not is_empty(said.get(item.name)) and said[item.name] != values.get(item.name)
    )


def _says(golden: Golden, parts: Sequence[Part], sight: Sight) -> tuple[tuple[str, Any], ...]:
    """What the golden record says where any record says something else."""
    differing = {title for part in parts for title, _ in part.differs}
    attributes = sight.spec(golden.domain).attributes
    return tuple((item.title, golden.values.get(item.name)) for item in attributes if item.title in differing)


def _wanted(page: PartPage) -> Wanted:
    names = tuple(name for name, _ in page.rows)
    kind = ChangeKind.MOVE if page.target else ChangeKind.SPLIT
    return Wanted(kind, names, dict(page.rows), parts=(tuple(part.key for part in page.chosen),))
