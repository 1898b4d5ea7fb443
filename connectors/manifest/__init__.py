"""A system in one YAML file: settings, authentication, limits, errors, objects with their fields. Read here, checked in lint."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from connectors.manifest import lint
from connectors.manifest.parts import Deletes, ErrorRule, Limits, Manifest, ObjectSpec, Read, Setting, Write
from mdm.errors import BadConfiguration, Problem
from mdm.rules.governance.domain_files import Document, Finding, read_document

__all__ = ["FOLDER", "Deletes", "ErrorRule", "Limits", "Manifest", "ObjectSpec", "Read", "Setting", "Write", "load", "shipped"]

FOLDER = Path(__file__).parent.parent / "systems"


@cache
def shipped() -> Mapping[str, Manifest]:
    """The manifests that come with the hub, by system code.

    Raises:
        BadConfiguration: one is wrong; all problems of all files are listed, with file and line.
    """
    return load(FOLDER)


def load(folder: Path) -> Mapping[str, Manifest]:
    """All manifests of a folder, by system code.

    Raises:
        BadConfiguration: one is wrong; all problems of all files are listed, with file and line.
    """
    documents = {path.name: read_document(path) for path in sorted(folder.glob("*.yaml"))}
    problems = [problem for name, document in documents.items() for problem in _problems(name, document)]
    if problems:
        lines = [f"{problem['message']} {problem['remedy']}".strip() for problem in problems]
        raise BadConfiguration("\n".join(lines), problems=problems)
    found = [_manifest(document.data) for document in documents.values() if isinstance(document.data, dict)]
    return {manifest.system: manifest for manifest in found}


def _problems(name: str, document: Document) -> list[Problem]:
    findings = document.findings if document.data is None else (*document.findings, *lint.findings(document.data, name))
    return [_problem(name, document, finding) for finding in findings]


def _problem(name: str, document: Document, finding: Finding) -> Problem:
    place = ".".join(map(str, finding.place))
    message = f"{name}:{document.line(finding.place)}: {place} {finding.message}".replace(":  ", ": ")
    return Problem(code="manifest", field=place, message=f"{message}.", remedy=finding.remedy)


def _manifest(raw: Mapping[str, Any]) -> Manifest:
    return Manifest(
        system=raw["system"],
        title=raw["title"],
        criticality=raw.get("criticality", "medium"),
        chip=raw.get("chip", ""),
        direction=raw["direction"],
        protocol=raw.get("protocol", ""),
        settings={name: Setting(**facts) for name, facts in raw.get("settings", {}).items()},
        auth=dict(raw.get("auth", {})),
        limits=Limits(**raw.get("limits", {})),
        errors=tuple(_rule(rule) for rule in raw.get("errors", ())),
        objects={name: _object(name, facts) for name, facts in raw["objects"].items()},
    )


def _object(name: str, raw: Mapping[str, Any]) -> ObjectSpec:
    return ObjectSpec(
        name=name,
        domain=raw["domain"],
        id=raw["id"],
        updated_at=raw.get("updated_at", ""),
        is_unique=raw.get("unique", False),
        enterprise_id=raw.get("enterprise_id", ""),
        fields=tuple(raw["fields"]),
        deletes=Deletes(**raw["deletes"]),
        read=Read(**raw["read"]) if "read" in raw else None,
        write=Write(**raw["write"]) if "write" in raw else None,
    )


def _rule(raw: Mapping[str, Any]) -> ErrorRule:
    def listed(name: str) -> tuple[Any, ...]:
        value = raw.get(name, ())
        return tuple(value) if isinstance(value, list) else (value,) if name in raw else ()

    return ErrorRule(
        error_class=lint.CLASSES[raw["class"]],
        statuses=frozenset(listed("status")),
        codes=frozenset(listed("code")),
        wait_header=raw.get("wait_header", ""),
        wait_seconds=float(raw.get("wait_seconds", 1.0)),
        is_row=raw.get("is_row", False),
    )
