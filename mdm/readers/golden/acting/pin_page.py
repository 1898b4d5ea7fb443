"""The page on which a person pins a value or a parent: what stands there, what else was said, what is pinned."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdm.errors import NotAllowed, NotFound
from mdm.models import Crosswalk, Golden, Override, User
from mdm.readers.golden import pins
from mdm.readers.golden.acting import chosen
from mdm.readers.golden.acting.merging import live
from mdm.readers.golden.kin import trees
from mdm.readers.golden.kin.trees import Place
from mdm.readers.golden.search import Hit
from mdm.readers.governance.sight import Sight

MOST = 20


@dataclass(frozen=True, slots=True)
class Pinned:
    """A value that somebody pinned and that acts here now. `pinned_on`: empty where it was pinned on this golden record."""

    id: int
    name: str
    title: str
    value: Any
    is_masked: bool
    reason: str
    by: str
    at: datetime
    expires_at: datetime | None
    pinned_on: str


@dataclass(frozen=True, slots=True)
class Said:
    """A value that a source record has."""

    value: Any
    chip: str
    native_id: str


@dataclass(frozen=True, slots=True)
class PinPage:
    """`now`: the golden value, or the enterprise ID of the parent. `is_parent`: the field is a hierarchy, `upward` its way up.

    `values`: of its list, where it has one. `said`: what the source records say. `hits`, `note`: of the search for a parent.
    """

    golden: Golden
    label: str
    name: str
    title: str
    is_parent: bool
    is_required: bool
    is_multi: bool
    now: Any
    values: tuple[str, ...]
    said: tuple[Said, ...]
    upward: tuple[Place, ...]
    pinned: Pinned | None
    hits: tuple[Hit, ...]
    note: str


def page(text: str, name: str, *, sought: str, viewer: User) -> PinPage:
    """The page for one field of a golden record. A fixed number of queries.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: it was never issued, or lies outside the viewer's confines; or the domain has no such field.
        NotAllowed: the viewer does not see the values of the field.
        Conflict: it ended.
    """
    golden, sight = live(text, viewer=viewer), Sight(viewer)
    spec = sight.spec(golden.domain)
    if name in sight.hidden(golden.domain):
        raise NotAllowed(
            f"Your role ({viewer.role.lower()}) does not see {sight.titles(golden.domain)[name]}, so that it cannot pin it."
        )
    pinned = next((one for one in standing(golden, sight=sight) if one.name == name), None)
    relation = next((one for one in spec.hierarchies.values() if one.name == name), None)
    if relation is not None:
        way = next(one for one in trees.ways(golden, sight=sight) if one.relation.name == name)
        hits, note = chosen.hits(sought, domain=golden.domain, without={golden.enterprise_id}, viewer=viewer)
        now = way.upward[0].enterprise_id if way.upward else None
        more: dict[str, Any] = {"upward": way.upward, "hits": hits, "note": note, "values": (), "said": ()}
        return PinPage(golden, sight.label(golden), name, relation.title, True, False, False, now, pinned=pinned, **more)
    item = next((one for one in spec.attributes if one.name == name), None)
    if item is None:
        raise NotFound(f"{spec.title} records have no field {name[:60]!r} that can be pinned.")
    more = {"upward": (), "hits": (), "note": "", "values": item.values, "said": _said(golden, name, sight)}
    flags = (item.is_required, item.is_multi)
    return PinPage(golden, sight.label(golden), name, item.title, False, *flags, golden.values.get(name), pinned=pinned, **more)


def standing(golden: Golden, *, sight: Sight) -> tuple[Pinned, ...]:
    """What is pinned on a golden record now, as the viewer may see it; one query."""
    return tuple(_pinned(row, golden, sight) for row in pins.standing(golden))


def _pinned(row: Override, golden: Golden, sight: Sight) -> Pinned:
    value = row.value.get("enterprise_id") if isinstance(row.value, dict) else row.value
    is_masked = row.attribute in sight.hidden(golden.domain)
    return Pinned(
        id=row.pk,
        name=row.attribute,
        title=sight.titles(golden.domain).get(row.attribute, row.attribute),
        value=sight.shown(golden.domain, row.attribute, value),
        is_masked=is_masked,
        reason=row.reason,
        by=row.made_by.title or row.made_by.name,
        at=row.made_at,
        expires_at=row.expires_at,
        pinned_on="" if row.golden_id == golden.pk else row.golden.enterprise_id,
    )


def _said(golden: Golden, name: str, sight: Sight) -> tuple[Said, ...]:
    """The different values of the source records; one query."""
    links = Crosswalk.objects.filter(golden=golden, valid_to=None).select_related("record__source").order_by("record__key")
    found: dict[str, Said] = {}
    for record in (link.record for link in links):
        if (value := record.attributes.get(name)) not in (None, "", []):
            chip = sight.systems[record.source.system_id].chip
            found.setdefault(json.dumps(value, sort_keys=True), Said(value, chip, record.native_id))
    return tuple(found.values())[:MOST]
