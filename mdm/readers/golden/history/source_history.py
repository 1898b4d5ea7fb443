"""One source record with everything it ever was, and where it stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdm.errors import NotFound
from mdm.models import Crosswalk, SourceRecord, SourceVersion, User
from mdm.readers.golden.crosswalk import Key
from mdm.readers.governance.sight import Sight, sees
from mdm.rules.governance import roles

MOST = 200


@dataclass(frozen=True, slots=True)
class Home:
    """Where the record stood, and when the hub placed it there; `until` None is now."""

    enterprise_id: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """A source record with its latest versions, newest first, as far as they lie within the viewer's regions.

    `homes`: newest first. Values that the viewer may not see are masked.
    """

    record: SourceRecord
    attributes: dict[str, Any]
    homes: tuple[Home, ...]
    versions: tuple[tuple[SourceVersion, dict[str, Any]], ...]


def of(key: Key, *, viewer: User) -> SourceHistory:
    """One source record, live or deleted; five queries.

    Raises:
        NotFound: no record ever had this key, or it lies outside the viewer's confines.
    """
    system, object, scope, native_id = key
    rows = SourceRecord.objects.filter(source__system=system, source__object=object, scope=scope, native_id=native_id)
    record, sight = rows.select_related("source").first(), Sight(viewer)
    if record is None or not _is_seen(record.domain, record.attributes, sight):
        raise NotFound(f"No record {system}/{object}/{native_id}{f' in scope {scope}' if scope else ''} was ever known.")
    links = Crosswalk.objects.filter(record=record).select_related("golden").order_by("-id")
    versions = SourceVersion.objects.filter(record=record).order_by("-id")[:MOST]
    return SourceHistory(
        record=record,
        attributes=_shown(record.attributes, record.domain, sight),
        homes=tuple(
            Home(link.golden.enterprise_id, link.valid_from, link.valid_to)
            for link in links
            if sees(viewer, domain=link.golden.domain, regions=link.golden.regions)
        ),
        versions=tuple(
            (version, _shown(version.attributes, record.domain, sight))
            for version in versions
            if _is_seen(record.domain, version.attributes, sight)
        ),
    )


def _is_seen(domain: str, attributes: Mapping[str, Any], sight: Sight) -> bool:
    viewer = sight.viewer
    if viewer.domains and domain not in viewer.domains:
        return False
    region = sight.spec(domain).region
    return not viewer.regions or region is None or region.of(attributes) in viewer.regions


def _shown(attributes: Mapping[str, Any], domain: str, sight: Sight) -> dict[str, Any]:
    """Values as the viewer may see them; of names that the domain no longer declares, nobody says who may."""
    spec = sight.spec(domain)
    declared = {name: value for name, value in attributes.items() if name in spec.attribute_names}
    return roles.masked(declared, spec, sight.role)
