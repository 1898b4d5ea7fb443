"""The page of a merge: who is in it, whose values could survive, and what would follow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mdm.engine.people.acts import MOST, Wanted
from mdm.errors import Conflict
from mdm.models import Crosswalk, Golden, User
from mdm.readers.golden import goldens, record_page
from mdm.readers.golden.act_preview import Foresight
from mdm.readers.golden.acting import chosen
from mdm.readers.golden.acting.chosen import Row
from mdm.readers.golden.record_page import Likeness
from mdm.readers.golden.search import Hit
from mdm.readers.governance.sight import Sight
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.values import is_empty

MOST_OPTIONS = 20
"""Values of one attribute to choose from; who wants another one writes it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody chose so far, as they typed it. `choices`: attribute to {"record": name} or {"value": …}."""

    others: tuple[str, ...] = ()
    text: str = ""
    keep: str = ""
    choices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """A value that some record has. `record`: its stable name, which a choice names."""

    record: str
    value: Any
    chip: str
    native_id: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute on which the records differ. `after`: what would be golden; `typed`: somebody's own value for it."""

    name: str
    title: str
    after: Any
    options: tuple[Option, ...]
    typed: str = ""

    @property
    def is_by_rule(self) -> bool:
        return not self.typed and not any(option.is_chosen for option in self.options)


@dataclass(frozen=True, slots=True)
class MergePage:
    """`rows`: the golden record and the others chosen. `hits`, `likenesses`: others that may be meant. `note`: of the search.

    `fields`, `foresight`: None and nothing while only one is chosen. `most`: how many a merge takes.
    """

    golden: Golden
    domain_title: str
    rows: tuple[Row, ...]
    hits: tuple[Hit, ...]
    note: str
    likenesses: tuple[Likeness, ...]
    fields: tuple[Field, ...] = ()
    foresight: Foresight | None = None
    most: int = MOST

    @property
    def others(self) -> tuple[Row, ...]:
        return self.rows[1:]


def page(text: str, asked: Asked, *, viewer: User, at: datetime) -> MergePage:
    """The page for the golden record of an enterprise ID. A fixed number of queries beside one a hop of the component.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: it was never issued, or lies outside the viewer's confines.
        Conflict: it ended.
    """
    golden, sight = live(text, viewer=viewer), Sight(viewer)
    rows = chosen.rows(golden, asked.others, sight=sight)
    names = {row.enterprise_id for row in rows}
    members = [link.record for link in Crosswalk.objects.filter(golden=golden, valid_to=None).select_related("record")]
    alike = {one.enterprise_id: one for one in record_page.likenesses(members, sight) if one.enterprise_id not in names}
    hits, note = chosen.hits(asked.text, domain=golden.domain, without=names | alike.keys(), viewer=viewer)
    plain = MergePage(golden, sight.spec(golden.domain).title, rows, hits, note, tuple(alike.values()))
    if len(rows) == 1:
        return plain
    foresight = chosen.foreseen(_wanted(rows, asked), viewer=viewer, at=at)
    fields = _fields(rows, asked, foresight, domain=golden.domain, sight=sight)
    return replace(plain, fields=fields, foresight=foresight)


def live(text: str, *, viewer: User) -> Golden:
    """The live golden record of an ID that somebody wants to act on.

    Raises:
        BadInput, BadCheckCharacter, NotFound: as `goldens.seen`.
        Conflict: it ended; says what follows it.
    """
    golden = goldens.seen(text, viewer=viewer)
    if golden.status != "LIVE":
        follows = f" into {', '.join(golden.successors)}" if golden.successors else ""
        raise Conflict(f"{golden.enterprise_id} is {golden.status.lower()}{follows}; go on from there.")
    return golden


def _wanted(rows: Sequence[Row], asked: Asked) -> Wanted:
    names = tuple(row.enterprise_id for row in rows)
    keep = asked.keep if asked.keep in names else ""
    return Wanted(ChangeKind.MERGE, names, {row.enterprise_id: row.version for row in rows}, keep=keep, choices=asked.choices)


def _fields(rows: Sequence[Row], asked: Asked, foresight: Foresight, *, domain: str, sight: Sight) -> tuple[Field, ...]:
    """The attributes that the viewer may choose and on which the records differ; one query."""
    names = [row.enterprise_id for row in rows]
    links = Crosswalk.objects.filter(golden__enterprise_id__in=names, valid_to=None).select_related("record__source")
    said: dict[str, dict[str, Option]] = {}
    for record in (link.record for link in links.order_by("record__key")):
        for name, value in record.attributes.items():
            if not is_empty(value):
                is_chosen = asked.choices.get(name, {}).get("record") == record.key
                option = Option(record.key, value, sight.systems[record.source.system_id].chip, record.native_id, is_chosen)
                text = json.dumps(value, sort_keys=True)
                mine = said.setdefault(name, {})
                mine[text] = option if is_chosen else mine.get(text, option)
    outcome = next((result.values for result in foresight.results if result.enterprise_id == foresight.survivor), {})
    open_ones = [item for item in sight.spec(domain).attributes if item.name not in sight.hidden(domain)]
    return tuple(
        Field(item.name, item.title, outcome.get(item.name), tuple(options)[:MOST_OPTIONS], _typed(asked, item.name))
        for item in open_ones
        if len(options := said.get(item.name, {}).values()) > 1
    )


def _typed(asked: Asked, name: str) -> str:
    return str(asked.choices.get(name, {}).get("value", ""))
