"""Compares a manifest with what the system says of itself: is every mapped field there, and may it be written?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from connectors.errors import ConnectorError, ErrorClass
from connectors.manifest import Manifest, ObjectSpec
from mdm.errors import Problem
from mdm.rules.intake.mapping_rows import read_row


class Catalogue(Protocol):
    """A system that can describe its objects."""

    def remote_fields(self, spec: ObjectSpec) -> Mapping[str, bool]:
        """The first step of every path that the object has -> whether it may be written.

        Raises:
            ConnectorError: the system has no such object, or does not answer.
        """
        ...


def discover(manifest: Manifest, catalogue: Catalogue) -> tuple[Problem, ...]:
    """What does not fit; nothing means that every mapped path exists and every written one may be written.

    Raises:
        ConnectorError: the system does not answer.
    """
    return tuple(problem for spec in manifest.objects.values() for problem in _object(manifest, spec, catalogue))


def _object(manifest: Manifest, spec: ObjectSpec, catalogue: Catalogue) -> Iterator[Problem]:
    try:
        known = catalogue.remote_fields(spec)
    except ConnectorError as error:
        if error.error_class not in {ErrorClass.PERMANENT, ErrorClass.NOT_FOUND}:
            raise
        message = f"{manifest.title} has no object {spec.name}, or does not show it to us."
        yield Problem(
            code="missing_object", field=spec.name, message=message, remedy="Rename it in the manifest, or grant access."
        )
        return
    for path in spec.paths:
        if _head(path) not in known:
            message = f"{manifest.title} has no field {path} in {spec.name}, or does not show it to us."
            yield Problem(
                code="missing_field", field=f"{spec.name}.{path}", message=message, remedy="Make it, rename it, or grant access."
            )
    for path in _written(spec):
        if not known.get(_head(path), True):
            message = f"{path} in {spec.name} may not be written."
            yield Problem(
                code="read_only_field", field=f"{spec.name}.{path}", message=message, remedy="Grant access, or say write: false."
            )


def _written(spec: ObjectSpec) -> list[str]:
    """Paths that the hub writes."""
    if spec.write is None:
        return []
    return [*(row.path for row in map(read_row, spec.fields) if row.write), spec.enterprise_id]


def _head(path: str) -> str:
    return path.partition(".")[0]
