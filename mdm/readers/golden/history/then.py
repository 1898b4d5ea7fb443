"""What a golden record was: as the hub knew it at a moment, as it was true for the business on a date, or both together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Min

from mdm.engine import members, past, releases
from mdm.engine.members import Row
from mdm.engine.people import pinned
from mdm.engine.releases import Release
from mdm.errors import Erased, NotFound
from mdm.models import Golden, GoldenVersion, HistoryFloor, IdLife, SourceVersion, User
from mdm.readers.golden import goldens
from mdm.readers.governance.sight import Sight
from mdm.rules import moments
from mdm.rules.governance import roles


@dataclass(frozen=True, slots=True)
class Then:
    """A golden record at a moment. Values are the viewer's, the others masked.

    `as_of`: the date that it is true for; None: as it stood in the hub. `known_at`: what was recorded later does not count.
    `version`, `recorded_at`: the version that stood in the hub. `rows`: the members that counted. `is_proven`: the stored
    version, computed again from what it was made of, came out the same; None where nothing is stored to compare with.
    """

    golden: Golden
    as_of: datetime | None
    known_at: datetime
    status: str
    successors: tuple[str, ...]
    version: int
    recorded_at: datetime
    rules: Release
    values: dict[str, Any]
    relations: dict[str, dict[str, Any]]
    provenance: dict[str, dict[str, Any]]
    rows: tuple[Row, ...]
    is_proven: bool | None

    @property
    def domain(self) -> str:
        return self.golden.domain

    @property
    def release(self) -> int:
        return self.rules.number


def find(
    text: str,
    *,
    viewer: User,
    now: datetime,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    domain: str = "",
) -> Then:
    """One golden record at a moment, whatever became of its ID; seven queries, however long its history.

    `as_of` takes what the members of then said of that date, what arrived late included, under the rules that counted at
    `known_at`: between a release and its rollback those of the release.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: the ID is not known or lies outside the viewer's confines, now or then; or nothing was known of it.
    """
    golden = goldens.seen(text, viewer=viewer, domain=domain)
    sight = Sight(viewer)
    return masked(check_region(read(golden, as_of=as_of, known_at=known_at or now), sight), sight)


def read(golden: Golden, *, as_of: datetime | None, known_at: datetime) -> Then:
    """The same before masking, for readers that compare.

    Raises:
        NotFound: nothing was known of it, or nobody had spoken of that date.
        Erased: what was known held the data of a person that was erased.
    """
    version = past.known(golden.pk, known_at)
    if version is None:
        raise NotFound(_unborn(golden, known_at))
    if version.is_erased:
        raise Erased(f"What {golden.enterprise_id} was on {moments.said(known_at)} held a person's data, which was erased.")
    if as_of is None or version.status != "LIVE":
        rules = releases.numbered(golden.domain, version.release)
        rows = past.rows_of(version)
        (pins,) = pinned.of_versions([(golden.pk, version.overrides)])
        again = past.again(version, rows, pins=pins, release=rules)
        is_proven = len(rows) == len(version.members) and past.is_same(version, again)
        said = members.Survivors(version.values, version.relations, version.provenance)
    else:
        _check_floor(golden, min(as_of, known_at))
        rules = releases.counting(golden.domain, known_at, made_by=version.release)
        rows = past.rows_as_of(version.members, as_of=as_of, known_at=known_at, dated=rules.spec.dated)
        is_proven = None
        pins = pinned.as_of(version, at=as_of, known_at=known_at)
        said = members.survive(rules, rows, at=as_of, overrides=pins)
        if not rows:
            raise NotFound(_unheard(golden, version, as_of, known_at))
    return Then(
        golden=golden,
        as_of=as_of,
        known_at=known_at,
        status=version.status,
        successors=_successors(version),
        version=version.version,
        recorded_at=version.recorded_at,
        rules=rules,
        values=said.values,
        relations=said.relations,
        provenance=said.provenance,
        rows=tuple(rows),
        is_proven=is_proven,
    )


def masked(then: Then, sight: Sight) -> Then:
    """The same as the viewer may see it: masked by the present release, and by that of then for names no longer declared."""
    hidden = hidden_then(then, sight)
    values = {name: roles.MASK if name in hidden else value for name, value in then.values.items()}
    provenance = {name: goldens.masked_parts(why) if name in hidden else why for name, why in then.provenance.items()}
    return replace(then, values=values, provenance=provenance)


def hidden_then(then: Then, sight: Sight) -> frozenset[str]:
    """Attributes of then whose values the viewer may not see."""
    declared = set(sight.spec(then.domain).attribute_names)
    dropped = {
        item.name
        for item in then.rules.spec.attributes
        if item.name not in declared and not roles.sees(sight.role, item.sensitivity)
    }
    return sight.hidden(then.domain) | dropped


def check_region(then: Then, sight: Sight) -> Then:
    """Refuse what lay outside the viewer's regions at that moment, wherever it lies now."""
    region, confines = then.rules.spec.region, set(sight.viewer.regions)
    if confines and region and then.rows and confines.isdisjoint(region.of(row.member.attributes) for row in then.rows):
        raise NotFound(f"What {then.golden.enterprise_id} was then lies outside your regions.")
    return then


def titles(then: Then, sight: Sight) -> Mapping[str, str]:
    """Names to titles: the present ones, and those of then that are no longer declared."""
    spec = then.rules.spec
    was = {item.name: item.title for item in spec.attributes} | {item.name: item.title for item in spec.relations}
    return was | sight.titles(then.domain)


def _successors(version: GoldenVersion) -> tuple[str, ...]:
    """Who followed a retired ID then."""
    if version.status == "LIVE":
        return ()
    lives = IdLife.objects.filter(golden=version.golden_id, status=version.status, at__lte=version.recorded_at)
    life = lives.order_by("-id").first()
    return tuple(life.successors) if life else ()


def _check_floor(golden: Golden, moment: datetime) -> None:
    """Refuse a moment whose source versions may have been removed: half an answer would be a wrong one."""
    floor = HistoryFloor.objects.filter(domain=golden.domain).first()
    if floor is not None and floor.source_from is not None and moment < floor.source_from:
        raise NotFound(f"History is kept from {moments.said(floor.source_from)} on.")


def _unborn(golden: Golden, known_at: datetime) -> str:
    name, first = golden.enterprise_id, GoldenVersion.objects.filter(golden=golden).order_by("version").first()
    if first is not None and first.version > 1:
        begins = moments.said(first.recorded_at)
        return f"What the hub knew of {name} on {moments.said(known_at)} is no longer kept; its history begins on {begins}."
    return f"The hub knew nothing of {name} on {moments.said(known_at)}; it was born on {moments.said(golden.born_at)}."


def _unheard(golden: Golden, version: GoldenVersion, as_of: datetime, known_at: datetime) -> str:
    said = SourceVersion.objects.filter(record__in=version.members, recorded_at__lte=known_at, is_live=True)
    first = said.aggregate(first=Min("valid_from"))["first"]
    begins = f"; what is known begins on {moments.said(first)}" if first and first > as_of else ""
    return f"No source says that {golden.enterprise_id} was there on {moments.said(as_of)}{begins}."
