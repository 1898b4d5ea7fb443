"""Prepares incoming records: checks, maps, cleans, validates and standardises them, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from matching import Standardised
from mdm.engine import cleaning, columns, echoes, releases
from mdm.engine.releases import Release
from mdm.errors import Problem
from mdm.models import Delivery, SourceObject, SourceRecord, System
from mdm.rules.golden.kin import claims
from mdm.rules.intake import freshness, limits, named_ids, validate
from mdm.rules.intake import mapping as mappings
from mdm.rules.intake.content import content_hash
from mdm.rules.values import is_empty

Key = tuple[int, str, str]
"""(source object's id, scope, native id)"""
AHEAD = timedelta(days=1)
"""How far a source's clock may run ahead: time zones that were left out, and small errors."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record as it arrives. `domain` empty means the domain its (system, object) already belongs to.

    `problems`: what was wrong with it before it could be said in these words. `enterprise_id`: the one it comes under, as said
    beside the payload.
    """

    system: str
    object: str
    native_id: str
    payload: Mapping[str, Any]
    domain: str = ""
    scope: str = ""
    updated_at: datetime | None = None
    sequence: int | None = None
    is_deleted: bool = False
    problems: tuple[Problem, ...] = ()
    enterprise_id: str = ""


@dataclass(slots=True)
class Prepared:
    """One record on its way in. `problems` non-empty means quarantine; `status` set means nothing is left to do.

    `unread`: values the mapping could not read; whether they keep the record out is the attribute's to say.
    `named`: the enterprise ID it comes under; `is_told`: said beside the payload, not stamped in it. `notes`: what should be
    known and keeps nothing out.
    """

    place: int
    incoming: Incoming
    source: SourceObject | None = None
    problems: list[Problem] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)
    status: str = ""
    mapped: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    relations: dict[str, Any] = field(default_factory=dict)
    invalid: list[str] = field(default_factory=list)
    content_hash: str = ""
    standardised: dict[str, Any] = field(default_factory=dict)
    keys: list[int] = field(default_factory=list)
    before: SourceRecord | None = None
    named: str = ""
    is_told: bool = False
    notes: list[Problem] = field(default_factory=list)

    @property
    def key(self) -> Key:
        assert self.source is not None
        return (self.source.pk, self.incoming.scope, self.incoming.native_id)

    @property
    def name(self) -> str:
        """The record's stable name, the one ties are broken by."""
        said = self.incoming
        return f"{said.system}/{said.object}/{said.scope}/{said.native_id}"

    @property
    def is_open(self) -> bool:
        return not self.problems and not self.status


def receive(records: Sequence[Incoming], *, now: datetime) -> list[Prepared]:
    """What can be said of each record alone, and of the batch: form, time, system, object, domain, repeated keys."""
    prepared = [Prepared(place, record) for place, record in enumerate(records)]
    for item in prepared:
        said = item.incoming
        item.problems += said.problems
        item.problems += limits.check_key(said.system, said.object, said.scope, said.native_id)
        item.problems += limits.check_payload(said.payload)
        item.problems += _from_the_future(said, now)
    _find_sources([item for item in prepared if item.is_open])
    for item in prepared:
        if item.is_open and not item.incoming.is_deleted:
            _read_name(item)
    _refuse_repeats([item for item in prepared if item.is_open])
    return prepared


def _read_name(item: Prepared) -> None:
    """The enterprise ID that the record comes under; a mistyped stamp in a payload keeps nothing out."""
    said, place = item.incoming, item.source.enterprise_id_field if item.source else ""
    text = said.enterprise_id or (str(said.payload.get(place) or "") if place else "")
    if text:
        item.is_told = bool(said.enterprise_id)
        item.named, problem = named_ids.read(text)
        if problem is not None:
            (item.problems if item.is_told else item.notes).append(problem)


def _from_the_future(said: Incoming, now: datetime) -> list[Problem]:
    """A clock that is far ahead would make every later update of the record look out of date."""
    if said.updated_at is None or said.updated_at <= now + AHEAD:
        return []
    shown = said.updated_at.isoformat()
    remedy = "mend the clock of the system, or leave updated_at out"
    message = f"updated_at {shown} lies in the future."
    return [Problem(code="future_date", field="updated_at", value=shown, message=message, remedy=remedy)]


def _find_sources(items: list[Prepared]) -> None:
    """Give each record its source object; a new object of a known system is told by its domain. One query where all are known."""
    named = {item.incoming.system for item in items}
    found = {(source.system_id, source.object): source for source in SourceObject.objects.filter(system__in=named)}
    systems, released = {system for system, _ in found}, set[str]()
    if any((item.incoming.system, item.incoming.object) not in found for item in items):
        systems = set(System.objects.filter(code__in=named).values_list("code", flat=True))
        released = set(releases.domains())
    for item in items:
        said = item.incoming
        item.source = found.get((said.system, said.object))
        if said.system not in systems:
            item.problems.append(_unknown("system", said.system, "register it first, or mend the name"))
        elif item.source is None and said.domain not in released:
            item.problems.append(_unknown("domain", said.domain, f"use one of: {', '.join(sorted(released))}"))
        elif item.source is None:
            item.source = found[said.system, said.object] = SourceObject(
                system_id=said.system, object=said.object, domain=said.domain
            )
        elif said.domain and said.domain != item.source.domain:
            item.problems.append(
                Problem(
                    code="wrong_domain",
                    field="domain",
                    value=said.domain,
                    message=f"{said.system}/{said.object} holds {item.source.domain} records, not {said.domain}.",
                    remedy=f"send it as {item.source.domain}, or under another object",
                )
            )


def _unknown(what: str, value: str, remedy: str) -> Problem:
    shown = limits.storable(value)
    return Problem(code=f"unknown_{what}", field=what, value=shown, message=f"There is no {what} {value!r}.", remedy=remedy)


def _refuse_repeats(items: list[Prepared]) -> None:
    """A key may come once in a batch; its repetition is refused unless it says the very same."""
    first: dict[tuple[str, str, str, str], Prepared] = {}
    for item in items:
        said = item.incoming
        known = first.setdefault((said.system, said.object, said.scope, said.native_id), item)
        if known is item:
            continue
        if (
            content_hash(dict(said.payload)) == content_hash(dict(known.incoming.payload))
            and said.is_deleted == known.incoming.is_deleted
        ):
            item.status = "unchanged"
        else:
            item.problems.append(
                Problem(
                    code="repeated_key",
                    field="native_id",
                    value=said.native_id,
                    message=f"The key {item.name} stands twice in this batch, with different content; only the first counts.",
                    remedy="send each key once a batch",
                )
            )


def work_out(release: Release, items: Sequence[Prepared], *, today: date) -> tuple[list[Prepared], Standardised]:
    """Map, compare with what is known, clean, validate and standardise records of one domain, in place.

    Unchanged, echoed and out-of-date records are told by their `status`; what is wrong by their `problems`. Returns those that
    are left to be matched, and their standardised values, a row each.
    """
    languages = map_payloads(release, items)
    for item in items:
        compare(item, item.before)
    open_items = [item for item in items if item.is_open and not item.incoming.is_deleted]
    coming = [*open_items, *_late(items)]
    for item, refused in zip(coming, _clean(release, coming, today=today), strict=True):
        item.problems += refused if item.is_open else ()
    echoes.take_out(open_items, languages)
    ready = [item for item in open_items if item.is_open]
    table = columns.standardise(release, [item.attributes for item in ready])
    for item, row, keys in zip(ready, table.rows(), columns.keys(release, table), strict=True):
        item.standardised, item.keys = row, keys
    return ready, table


def work_out_stored(release: Release, rows: Sequence[SourceRecord], *, today: date) -> tuple[list[Prepared], Standardised]:
    """Stored records as `release` would take them in, with their standardised values; `source` and `delivery` must be loaded.

    What a record says of our own pushes stays out, as ever. A record that `release` would refuse is taken as far as it can be
    read, its reasons in `problems`: what is in stays in.
    """
    items = [_again(place, row) for place, row in enumerate(rows)]
    languages = map_payloads(release, items)
    refused = [item.problems for item in items]
    for item in items:
        item.problems = []
    verdicts = _clean(release, items, today=today)
    echoes.take_out(items, languages)
    table = columns.standardise(release, [item.attributes for item in items])
    for item, row, keys in zip(items, table.rows(), columns.keys(release, table), strict=True):
        item.standardised, item.keys, item.status = row, keys, ""
        item.problems = [*refused[item.place], *verdicts[item.place]]
    return items, table


def as_stored(place: int, row: SourceRecord) -> Prepared:
    """A stored record as it was prepared, without its match keys."""
    item = _again(place, row)
    item.attributes, item.relations, item.invalid = row.attributes, row.relations, row.invalid
    item.standardised, item.content_hash = row.standardised, row.content_hash
    return item


def _again(place: int, row: SourceRecord) -> Prepared:
    """A stored record as if it arrived once more."""
    source = row.source
    said = Incoming(
        source.system_id, source.object, row.native_id, row.payload, row.domain, row.scope, row.source_updated_at, row.sequence
    )
    return Prepared(place, said, source, before=row)


def _late(items: Sequence[Prepared]) -> list[Prepared]:
    """Out-of-date states, which are recorded: cleaned too, so that a past date can be asked for them."""
    return [item for item in items if item.status == "stale" and not item.problems and not item.incoming.is_deleted]


def work_out_again(release: Release, items: Sequence[Prepared], *, today: date) -> None:
    """The same for records whose stored form changed since: what was said of them counts no longer."""
    for item in items:
        item.status = ""
        item.unread.clear()
    work_out(release, items, today=today)


def map_payloads(release: Release, items: Sequence[Prepared]) -> dict[tuple[str, str], mappings.Mapping]:
    """Payload to attributes and relations, and their content hash, which says "unchanged" before any other work.

    Returns the mapping of each (system, object).
    """
    languages: dict[tuple[str, str], mappings.Mapping] = {}
    objects = _Objects({})
    for item in items:
        assert item.source is not None
        source, said = item.source, item.incoming
        name = (source.system_id, source.object)
        language = languages.get(name) or languages.setdefault(name, mapping_of(release, source))
        if not said.is_deleted:
            mapped = language.to_attributes(said.payload, system=said.system, scope=said.scope)
            kept = release.spec.kept_empty
            item.mapped = {name: value for name, value in mapped.attributes.items() if value is not None or name in kept}
            item.relations = {name: _aim(release, source, name, aim, objects) for name, aim in mapped.relations.items() if aim}
            item.unread += mapped.problems
            item.problems += _unknown_columns(language, item, source) if not source.mapping else []
            item.content_hash = content_hash({"attributes": item.mapped, "relations": item.relations})
    return languages


def mapping_of(release: Release, source: SourceObject) -> mappings.Mapping:
    """How payloads of `source` are read: its own rows, or our attribute names."""
    if not source.mapping:
        return mappings.identity(release.spec)
    return mappings.Mapping.from_rows(
        source.mapping, relations=release.spec.relation_names, attributes=release.spec.attribute_names
    )


@dataclass(frozen=True, slots=True)
class _Objects:
    """The only object of a system that holds a domain, empty where there are several; asked once for each."""

    known: dict[tuple[str, str], str]

    def only(self, system: str, domain: str) -> str:
        if (system, domain) not in self.known:
            names = SourceObject.objects.filter(system=system, domain=domain).values_list("object", flat=True)[:2]
            self.known[system, domain] = names[0] if len(names) == 1 else ""
        return self.known[system, domain]


def _aim(release: Release, source: SourceObject, name: str, aim: Mapping[str, str], objects: _Objects) -> dict[str, str]:  # noqa: PLR0917
    """A relation's key in full: an object that the payload leaves out is the system's only one of that domain."""
    if "enterprise_id" in aim or aim.get("object"):
        return dict(aim)
    domain = release.spec.relation(name).domain
    if domain == release.domain:
        return {**aim, "object": source.object}
    return {**aim, "object": objects.only(aim["system"], domain)}


def _unknown_columns(language: mappings.Mapping, item: Prepared, source: SourceObject) -> list[Problem]:
    return [
        Problem(
            code="unknown_attribute",
            field=str(name)[:100],
            value=str(item.incoming.payload[name]),
            message=f"{str(name)[:100]!r} is no attribute of this domain.",
            remedy="leave it out, or give the system a mapping",
        )
        for name in language.unknown(item.incoming.payload, besides=[source.enterprise_id_field])
    ]


def compare(item: Prepared, before: SourceRecord | None) -> None:
    """Say `unchanged` or `stale` where `before`, the stored record, already answers."""
    item.before = before
    if before is None:
        item.status = "unchanged" if item.incoming.is_deleted else item.status
        return
    said = item.incoming
    is_late = freshness.is_stale(before.sequence, before.confirmed_at or before.source_updated_at, said.sequence, said.updated_at)
    if said.is_deleted:
        item.status = "unchanged" if not before.is_live else "stale" if is_late else ""
        return
    echoed = (
        before.is_live
        and isinstance(delivery := getattr(before, "delivery", None), Delivery)
        and delivery.echo_hash == item.content_hash
    )
    if before.is_live and (before.content_hash == item.content_hash or echoed):
        item.status = "unchanged"
    elif is_late:
        item.status = "stale"


def _clean(release: Release, items: Sequence[Prepared], *, today: date) -> list[Sequence[Problem]]:
    """Clean and validate; returns what keeps each one out, if it is not in. One that cannot win is recorded as far as it can be
    read: what keeps others out is no problem of it.
    """
    cleaned, problems = cleaning.clean(release.spec, [item.mapped for item in items])
    refused: list[Sequence[Problem]] = []
    for item, attributes, found in zip(items, cleaned, problems, strict=True):
        verdict = validate.validate(release.spec, {**attributes, **item.relations}, [*item.unread, *found.values()], today=today)
        item.attributes = {name: value for name, value in verdict.attributes.items() if name not in item.relations}
        item.attributes |= {name: None for name in release.spec.kept_empty if is_empty(item.mapped.get(name, "left out"))}
        item.relations = claims.dated(release.spec, item.relations, item.attributes)
        item.invalid = sorted(verdict.invalid)
        refused.append(verdict.quarantine)
    return refused
