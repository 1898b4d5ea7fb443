"""Members of golden records, read in one way by writers, previews and rebuilds, and what survives among them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from mdm.engine.releases import Release
from mdm.models import Crosswalk, SourceRecord
from mdm.rules.golden import survivorship
from mdm.rules.golden.kin import claims
from mdm.rules.golden.survivorship import Case, Member, Override, Survived

if TYPE_CHECKING:
    from datetime import datetime

SEARCH_LENGTH = 2_000
PRESENT = (
    "record_id", "record__version", "record__key", "record__source__system_id", "record__attributes", "record__relations",
    "record__invalid", "record__source_updated_at", "record__changed_at", "record__source__is_target",
    "record__source__system__undo_seconds", "record__confirmed_at",
)  # fmt: skip
VERSIONS = """
    SELECT said.record_id, said.version, record.key, source.system_id,
           said.attributes, said.relations, said.invalid, said.valid_from
    FROM unnest(%s::bigint[], %s::int[]) AS wanted (record, version)
    JOIN mdm_sourceversion said
      ON said.record_id = wanted.record AND said.version = wanted.version AND NOT said.is_superseded
    JOIN mdm_sourcerecord record ON record.id = said.record_id
    JOIN mdm_sourceobject source ON source.id = record.source_id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One member. `version`: which version of its record. `target`: its system's code where that is pushed to, else None.

    `undo_seconds`: how long that target waits to hear of a person's act. `confirmed_at`: when its source last said that it
    still holds.
    """

    member: Member
    version: int
    target: str | None = None
    undo_seconds: int = 0
    confirmed_at: datetime | None = None

    @property
    def said_at(self) -> datetime:
        """The newest word: its last change, or a later confirmation."""
        return max(self.member.changed_at, self.confirmed_at or self.member.changed_at)


@dataclass(frozen=True, slots=True)
class Survivors:
    """What a golden record is: `values` by attribute, `relations` by name, and the `provenance` of both.

    A relation is its aim, the key of the record it names, with `said_by`: the stable name of the member that says so; where the
    source gives dates, with `since` and `until`.
    """

    values: dict[str, Any]
    relations: dict[str, dict[str, Any]]
    provenance: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One golden record to decide: its members under a release at a moment, with what people pinned.

    `at` is the time that the version will carry (`Golden.changed_at`), so that a rebuild gives the same.
    """

    release: Release
    rows: Sequence[Row]
    at: datetime
    overrides: Sequence[Override]

    def case(self) -> Case:
        """The same for the rules; without members there is nothing, pinned or not."""
        members = claims.counting(self.release.spec, [row.member for row in self.rows], at=self.at)
        return Case(members, self.at, self.overrides if self.rows else ())


def read(goldens: Collection[int]) -> dict[int, list[Row]]:
    """The present members of golden records, by their row IDs, in key order; who has none is left out. One query."""
    links = Crosswalk.objects.filter(golden_id__any=goldens, valid_to=None).order_by("record__key")
    rows: dict[int, list[Row]] = {}
    for (
        golden, record, version, key, system, attributes, relations, invalid, updated_at, changed_at, is_target, seconds,
        confirmed_at,
    ) in links.values_list("golden_id", *PRESENT):  # fmt: skip
        member = Member(record, key, system, {**attributes, **relations}, updated_at or changed_at, frozenset(invalid))
        rows.setdefault(golden, []).append(Row(member, version, system if is_target else None, seconds, confirmed_at))
    return rows


def of_records(records: Iterable[SourceRecord]) -> list[Row]:
    """The same of source records at hand, in their order, wherever they live now; their `source` must be loaded. No query."""
    return [
        Row(
            _member(record),
            record.version,
            record.source.system_id if record.source.is_target else None,
            confirmed_at=record.confirmed_at,
        )
        for record in records
    ]


def of_versions(wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Row]:
    """Members as they once were, by (record, version): what a past golden record was made of. One query.

    Versions that are not kept are left out; `target` is None, for nothing is pushed to the past.
    """
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS, [list(column) for column in zip(*wanted, strict=True)])
        found = cursor.fetchall()
    rows = {}
    for record, version, key, system, attributes, relations, invalid, valid_from in found:
        said = {**json.loads(attributes), **json.loads(relations)}
        rows[record, version] = Row(Member(record, key, system, said, valid_from, frozenset(json.loads(invalid))), version)
    return rows


def _member(record: SourceRecord) -> Member:
    said = {**record.attributes, **record.relations}
    changed_at = record.source_updated_at or record.changed_at
    return Member(record.pk, record.key, record.source.system_id, said, changed_at, frozenset(record.invalid))


def survive(release: Release, rows: Sequence[Row], *, at: datetime, overrides: Sequence[Override]) -> Survivors:
    """What survives among `rows` and what people pinned, under `release` at `at`; without members there is nothing. No query."""
    return survive_each([Asked(release, rows, at, overrides)])[0]


def survive_each(asked: Sequence[Asked]) -> list[Survivors]:
    """The same for many golden records at once, in their order, each under its own release; several times as fast."""
    places: dict[tuple[str, int], list[int]] = {}
    for place, one in enumerate(asked):
        places.setdefault((one.release.domain, one.release.number), []).append(place)
    found: dict[int, Survivors] = {}
    for mine in places.values():
        release = asked[mine[0]].release
        made = survivorship.survive_each(release.spec, [asked[place].case() for place in mine], release=release.number)
        found |= {place: _survivors(release, survived) for place, survived in zip(mine, made, strict=True)}
    return [found[place] for place in range(len(asked))]


def _survivors(release: Release, survived: Survived) -> Survivors:
    """Attributes and relations apart."""
    said = {name: survived.values.pop(name, None) for name in release.spec.relation_names}
    relations = {name: {**aim, "said_by": survived.provenance[name]["key"]} for name, aim in said.items() if aim}
    return Survivors(survived.values, relations, survived.provenance)


def search_text(release: Release, rows: Sequence[Row], survived: Survivors, label: str) -> str:
    """What the search box looks through: all values of the searchable attributes, pinned ones too, small letters, once each."""
    pinned = [survived.values.get(name) for name in release.spec.search if "override" in survived.provenance.get(name, {})]
    words = {str(value).casefold() for value in pinned if value} | {
        str(row.member.attributes[name]).casefold()
        for row in rows
        for name in release.spec.search
        if row.member.attributes.get(name)
    }
    return f"{label.casefold()} | {' | '.join(sorted(words))}"[:SEARCH_LENGTH]


def regions(release: Release, rows: Sequence[Row]) -> list[str]:
    """The union of the members' regions."""
    region = release.spec.region
    return [] if region is None else sorted({region.of(row.member.attributes) for row in rows})


def unnumbered(provenance: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Why each value was chosen, without the number of the release that says so."""
    return {name: {part: said for part, said in why.items() if part != "release"} for name, why in provenance.items()}
