"""What one person may see: domains, regions, values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q

from mdm.engine import releases
from mdm.engine.releases import Release
from mdm.models import Crosswalk, Golden, System, User
from mdm.models.golden.goldens import GoldenQuerySet
from mdm.rules.governance import roles
from mdm.rules.governance.domains import DomainSpec


def sees(viewer: User, *, domain: str, regions: Collection[str]) -> bool:
    """Whether a golden record of that domain and those regions lies within the viewer's confines."""
    in_domain = not viewer.domains or domain in viewer.domains
    return in_domain and (not viewer.regions or bool(set(viewer.regions) & set(regions)))


class Sight:
    """The hub through one person's eyes, for one page; releases and systems are read once."""

    def __init__(self, viewer: User) -> None:
        self.viewer = viewer
        self.role = roles.Role(viewer.role)
        self._releases: dict[str, Release] = {}

    @cached_property
    def domains(self) -> list[str]:
        """Released domains within the viewer's confines; one query."""
        return [name for name in releases.domains() if not self.viewer.domains or name in self.viewer.domains]

    @cached_property
    def systems(self) -> Mapping[str, System]:
        """All systems by code; one query."""
        return {system.code: system for system in System.objects.all()}

    def release(self, domain: str) -> Release:
        """The current release of a domain; two small queries the first time."""
        if domain not in self._releases:
            self._releases[domain] = releases.current(domain)
        return self._releases[domain]

    def spec(self, domain: str) -> DomainSpec:
        return self.release(domain).spec

    def titles(self, domain: str) -> dict[str, str]:
        """Attribute and relation names to their titles."""
        spec = self.spec(domain)
        return {item.name: item.title for item in spec.attributes} | {item.name: item.title for item in spec.relations}

    def hidden(self, domain: str) -> frozenset[str]:
        """Attributes whose values this role may not see."""
        return frozenset(item.name for item in self.spec(domain).attributes if not roles.sees(self.role, item.sensitivity))

    def shown(self, domain: str, attribute: str, value: Any) -> Any:
        """`value` as the viewer sees it: MASK in place of a hidden one, None stays None."""
        return roles.MASK if value is not None and attribute in self.hidden(domain) else value

    def label(self, golden: Golden) -> str:
        """The title of a golden record as the viewer may see it."""
        return self.named(golden.domain, golden.label)

    def named(self, domain: str, label: str) -> str:
        """`label`, the title of a record of that domain, as the viewer may see it."""
        return str(self.shown(domain, self.spec(domain).label, label))

    def goldens(self) -> GoldenQuerySet:
        """All golden records, live or retired, within the viewer's confines."""
        return Golden.objects.within(domains=self.viewer.domains, regions=self.viewer.regions)

    def record_is_near(self, column: str) -> Exists | Q:
        """A condition on a row whose `column` is a source record: that record's golden record lies in the viewer's regions."""
        if not self.viewer.regions:
            return Q()
        homes = Crosswalk.objects.filter(record_id=OuterRef(column), valid_to=None, golden__regions__overlap=self.viewer.regions)
        return Exists(homes)

    def in_regions(self) -> Q:
        """A condition on a row that has regions; no condition for a viewer who is not confined."""
        return Q(regions__overlap=self.viewer.regions) if self.viewer.regions else Q()

    def in_domains(self, column: str = "domain") -> Q:
        """A condition on a row's domain; no condition for a viewer who is not confined."""
        return Q(**{f"{column}__in": self.viewer.domains}) if self.viewer.domains else Q()
