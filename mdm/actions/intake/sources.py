"""Systems and their objects: declared, not discovered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from mdm import audit, permissions
from mdm.engine import releases
from mdm.errors import Conflict
from mdm.models import SourceObject, System, User
from mdm.rules.intake.mapping import Mapping as FieldMapping


@dataclass(frozen=True, slots=True)
class Declared:
    """One object of a system. `rows`: its mapping, None where payload keys are attribute names."""

    object: str
    domain: str
    rows: Sequence[Any] | None = None
    is_unique: bool = False
    id_field: str = ""
    updated_at_field: str = ""
    enterprise_id_field: str = ""
    is_target: bool = False


@transaction.atomic
def declare(
    *, code: str, title: str, objects: Sequence[Declared], actor: User, at: datetime, chip: str = "", criticality: int = 2
) -> System:
    """Make a system known, or bring what is known of it up to date.

    Raises:
        NotAllowed: the actor may not publish releases.
        BadConfiguration: a mapping is wrong; all problems are listed.
        Conflict: an object belongs to another domain already.
    """
    permissions.check(actor, "release.publish")
    system, is_new = System.objects.get_or_create(
        code=code, defaults={"title": title, "chip": _chip(code, chip), "created_at": at}
    )
    System.objects.filter(pk=code).update(title=title, chip=_chip(code, chip), criticality=criticality)
    changed = [declared.object for declared in objects if _put(system, declared)]
    if is_new or changed:
        audit.record(
            at=at, actor=actor, verb="system.declare", subject=f"system:{code}", new={"title": title, "objects": changed}
        )
    return system


def _put(system: System, declared: Declared) -> bool:
    """Write one object; whether anything differs."""
    spec = releases.current(declared.domain).spec
    if declared.rows is not None:
        FieldMapping.from_rows(declared.rows, relations=spec.relation_names, attributes=spec.attribute_names)
    fields: Mapping[str, Any] = {
        "mapping": list(declared.rows) if declared.rows is not None else None,
        "is_unique": declared.is_unique,
        "id_field": declared.id_field,
        "updated_at_field": declared.updated_at_field,
        "enterprise_id_field": declared.enterprise_id_field,
        "is_target": declared.is_target,
    }
    row, is_new = SourceObject.objects.select_for_update().get_or_create(
        system=system, object=declared.object, defaults={**fields, "domain": declared.domain}
    )
    if row.domain != declared.domain:
        raise Conflict(f"{system.code}/{declared.object} holds {row.domain} records; it cannot become {declared.domain}.")
    differs = any(getattr(row, name) != value for name, value in fields.items())
    for name, value in fields.items():
        setattr(row, name, value)
    row.save() if differs else None
    return is_new or differs


def _chip(code: str, chip: str) -> str:
    """The short form on a source chip: given, or the first letters."""
    return (chip or code[:2]).upper()[:6]
