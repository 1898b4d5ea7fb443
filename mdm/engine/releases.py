"""The released model of each domain: what it declares and how it matches."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache

import matching
from mdm.errors import BadConfiguration, NotFound
from mdm.models import DomainRelease
from mdm.rules.governance.domains import DomainSpec


@dataclass(frozen=True, slots=True)
class Release:
    """A released domain: declaration and match model, loaded once a process."""

    domain: str
    number: int
    spec: DomainSpec
    model: matching.Model


def current(domain: str) -> Release:
    """The newest release of `domain`; one small query, the rest is remembered.

    Raises:
        NotFound: no such domain was released.
    """
    newest = DomainRelease.objects.filter(domain=domain).order_by("-number").values_list("number", "content_hash").first()
    if newest is None:
        known = ", ".join(domains()) or "none yet"
        raise NotFound(f"There is no domain {domain!r}; released domains: {known}.")
    with _loading:
        return _load(domain, *newest)


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
    return model.with_thresholds(
        auto=spec.match.auto if spec.match.auto is not None else model.thresholds.auto,
        review=spec.match.review if spec.match.review is not None else model.thresholds.review,
    )
