"""The released model of each domain: what it declares and how it matches."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Q

import matching
from mdm.errors import BadConfiguration, NotFound
from mdm.models import DomainRelease
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.governance.releasing import release_stages
from mdm.rules.governance.releasing.release_stages import FORMS, Touched
from mdm.rules.intake.content import content_hash

if TYPE_CHECKING:
    from datetime import datetime

Said = tuple[Mapping[str, Any], Mapping[str, Any]]
"""What a release says: declaration and match model, in plain data."""


@dataclass(frozen=True, slots=True)
class Release:
    """A released domain: declaration and match model, loaded once a process.

    `is_settled`: everything that is stored is what it gives; else records are still brought over to it.
    """

    domain: str
    number: int
    spec: DomainSpec
    model: matching.Model
    is_settled: bool = True


def current(domain: str) -> Release:
    """The newest release of `domain`; one small query, the rest is remembered.

    Raises:
        NotFound: no such domain was released.
    """
    rows = DomainRelease.objects.filter(domain=domain).order_by("-number")
    newest = rows.values_list("number", "content_hash", "settled_at").first()
    if newest is None:
        known = ", ".join(domains()) or "none yet"
        raise NotFound(f"There is no domain {domain!r}; released domains: {known}.")
    with _loading:
        release = _load(domain, newest[0], newest[1])
    return release if newest[2] is not None else replace(release, is_settled=False)


def hash_of(domain: str) -> str:
    """The digest of the newest release; empty when there is none."""
    rows = DomainRelease.objects.filter(domain=domain).order_by("-number")
    return rows.values_list("content_hash", flat=True).first() or ""


def domains() -> list[str]:
    """Names of all released domains, sorted."""
    return sorted(DomainRelease.objects.values_list("domain", flat=True).distinct())


_loading = threading.Lock()


def numbered(domain: str, number: int) -> Release:
    """Release `number` of `domain`; immutable, so that it is remembered by the hash of what it says."""
    content = DomainRelease.objects.filter(domain=domain, number=number).values_list("content_hash", flat=True).first()
    if content is None:
        raise NotFound(f"Domain {domain!r} has no release {number}.")
    with _loading:
        return _load(domain, number, content)


@lru_cache(maxsize=32)
def _load(domain: str, number: int, content_hash: str) -> Release:
    row = DomainRelease.objects.get(domain=domain, number=number)
    return Release(domain, number, DomainSpec.from_dict(row.spec), matching.load_model(row.model))


def proposed(domain: str, number: int, said: Said) -> Release:
    """What is not released yet, as if it were release `number`."""
    return Release(domain, number, DomainSpec.from_dict(said[0]), matching.load_model(said[1]), is_settled=False)


def counting(domain: str, at: datetime, *, made_by: int) -> Release:
    """The release by which something that release `made_by` made was read at `at`: what came out the same under a later one
    does not name that. One small query.
    """
    rows = DomainRelease.objects.filter(Q(number=made_by) | Q(settled_at__lte=at), domain=domain).order_by("-number")
    number, content = rows.values_list("number", "content_hash")[0]
    with _loading:
        return _load(domain, number, content)


def settled_by(domain: str, at: datetime) -> int:
    """Number of the release that everything stood on at `at`: what came out the same does not name it. 0 before the first; one
    small query.
    """
    rows = DomainRelease.objects.filter(domain=domain, settled_at__lte=at)
    return rows.aggregate(last=Max("number"))["last"] or 0


def touched(domain: str, said: Said) -> Touched:
    """Which steps give another result under `said` than what is stored: that is what the last settled release gave, and where a
    later one was not carried out to its end, perhaps what that gives. Two queries.
    """
    found = Touched()
    for row in DomainRelease.objects.filter(domain=domain, number__in=standing(domain)).values_list("spec", "model"):
        found |= release_stages.between(row, said)
    return found


def standing(domain: str) -> list[int]:
    """Numbers of the releases that what is stored may stand on: the last settled one and those after it, ascending."""
    rows = DomainRelease.objects.filter(domain=domain)
    settled = rows.exclude(settled_at=None).aggregate(last=Max("number"))["last"] or 0
    return sorted(rows.filter(number__gte=settled).values_list("number", flat=True))


def touched_since(release: Release, numbers: Iterable[int]) -> dict[int, Touched]:
    """Which steps give another result under `release` than under each of the former ones. One small query; the rest is
    remembered by what they say.
    """
    numbers = sorted(numbers)
    rows = DomainRelease.objects.filter(domain=release.domain, number__in={*numbers, release.number})
    said = dict(rows.values_list("number", "content_hash"))
    with _loading:
        return {
            number: _between(release.domain, (number, said[number]), (release.number, said[release.number])) for number in numbers
        }


def alike(release: Release) -> frozenset[int]:
    """Numbers of the releases that give every record the form that `release` gives it. Two small queries."""
    numbers = DomainRelease.objects.filter(domain=release.domain).values_list("number", flat=True)
    return frozenset(number for number, touched in touched_since(release, numbers).items() if not touched.any(FORMS))


Named = tuple[int, str]
"""A release by number and by the hash of what it says."""


@lru_cache(maxsize=256)
def _between(domain: str, old: Named, new: Named) -> Touched:
    if old[1] == new[1]:
        return Touched()
    rows = DomainRelease.objects.filter(domain=domain, number__in=[old[0], new[0]])
    said = {number: (spec, model) for number, spec, model in rows.values_list("number", "spec", "model")}
    return release_stages.between(said[old[0]], said[new[0]])


def said_by(spec: DomainSpec) -> Said:
    """A declaration and the match model that it asks for, as they are stored.

    Raises:
        BadConfiguration: they do not fit.
    """
    return spec.to_dict(), model_of(spec).to_dict()


def digest(said: Said) -> str:
    """What is equal for releases that say the same."""
    return content_hash({"spec": said[0], "model": said[1]})


def model_of(spec: DomainSpec) -> matching.Model:
    """The match model a declaration asks for, its thresholds applied.

    Raises:
        BadConfiguration: the engine refuses the model, or the declaration maps attributes the model lacks.
    """
    try:
        model = matching.load_model(spec.match.model)
    except matching.BadConfig as error:
        raise BadConfiguration(f"{spec.name}: match model: {error}") from error
    unknown = sorted(set(spec.match.attributes) - set(model.attributes))
    if unknown:
        raise BadConfiguration(f"{spec.name}: the match model {model.name} has no attributes {', '.join(unknown)}.")
    try:
        return model.with_thresholds(
            auto=spec.match.auto if spec.match.auto is not None else model.thresholds.auto,
            review=spec.match.review if spec.match.review is not None else model.thresholds.review,
        )
    except ValueError as error:
        raise BadConfiguration(f"{spec.name}: match: {error}.") from error
