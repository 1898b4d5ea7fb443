"""The page of one golden record at a past moment: values and why, and which records counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mdm.models import User
from mdm.readers.golden import record_page
from mdm.readers.golden.history import then as history
from mdm.readers.golden.history.then import Then
from mdm.readers.golden.kin import aims
from mdm.readers.golden.record_page import Value, native
from mdm.readers.governance.sight import Sight


@dataclass(frozen=True, slots=True)
class Part:
    """One source record that counted, in the version of then, which held `since`."""

    system_title: str
    object: str
    scope: str
    native_id: str
    version: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Tie:
    """What the record pointed at: the enterprise ID that stands there now, or what was said where nothing stands."""

    title: str
    enterprise_id: str
    said: str


@dataclass(frozen=True, slots=True)
class ThenPage:
    """A golden record at a moment, for people."""

    then: Then
    label: str
    domain_title: str
    values: tuple[Value, ...]
    parts: tuple[Part, ...]
    ties: tuple[Tie, ...]


def page(text: str, *, viewer: User, now: datetime, as_of: datetime | None, known_at: datetime | None) -> ThenPage:
    """What an enterprise ID stood for at a moment; a fixed number of queries.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: the ID is not known or lies outside the viewer's confines, now or then; or nothing was known of it.
    """
    found, sight = history.find(text, viewer=viewer, now=now, as_of=as_of, known_at=known_at), Sight(viewer)
    titles = history.titles(found, sight)
    return ThenPage(
        then=found,
        label=str(found.values.get(found.rules.spec.label) or sight.label(found.golden)),
        domain_title=sight.spec(found.domain).title,
        values=tuple(record_page.value_of(found, name, titles[name], sight) for name in titles if name in found.values),
        parts=tuple(_part(row.member.key, row.version, row.member.changed_at, sight) for row in found.rows),
        ties=_ties(found, titles, viewer=viewer),
    )


def _part(key: str, version: int, since: datetime, sight: Sight) -> Part:
    system, object, scope, native_id = key.split("/", 3)
    title = sight.systems[system].title if system in sight.systems else system
    return Part(title, object, scope, native_id, version, since)


def _ties(found: Then, titles: Mapping[str, str], *, viewer: User) -> tuple[Tie, ...]:
    names = list(found.relations)
    ids = aims.resolve([found.relations[name] for name in names], viewer=viewer)
    said = [found.relations[name] for name in names]
    return tuple(
        Tie(titles[name], there or "", native(str(aim.get("native_id") or aim.get("enterprise_id", ""))))
        for name, there, aim in zip(names, ids, said, strict=True)
    )
