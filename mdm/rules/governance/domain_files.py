"""Reads a YAML file and remembers on which line everything stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a declaration: where (keys and list positions from the top), what, and what to do."""

    place: Place
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says: plain data, the line of each place, and what kept it from being read at all."""

    data: object
    lines: dict[Place, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def line(self, place: Place) -> int:
        """The line of `place`, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _PlainLoader(yaml.SafeLoader):
    """YAML without surprises: NO is Norway and not `false`, 2024-01-31 and 12:30 stay text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


def _resolve(tag: str, pattern: str, first: str) -> None:
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


_resolve("bool", r"^(?:true|false)$", "tf")
_resolve("null", r"^(?:~|null)$", "~n")
_resolve("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789")
_resolve("float", r"^-?[0-9]+\.[0-9]+$", "-0123456789")


def read_document(path: Path) -> Document:
    """Read one YAML file; what is wrong with its text becomes a finding, never an exception."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return _refused((), {}, f"cannot be read: {error}", "Save the file as UTF-8 text.")
    try:
        alias = next((event for event in yaml.parse(text) if isinstance(event, yaml.AliasEvent)), None)
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None and alias is None else None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: `!!int x`
        return _syntax_error(error)
    if alias is not None:
        lines: dict[Place, int] = {(): alias.start_mark.line + 1 if alias.start_mark else 1}
        return _refused((), lines, f"uses the alias *{alias.anchor}", "Write the value out; aliases are not read.")
    places: dict[Place, int] = {}
    findings: list[Finding] = []
    _walk(node, (), places, findings)
    return Document(data=data, lines=places, findings=tuple(findings))


def _refused(place: Place, lines: dict[Place, int], message: str, remedy: str) -> Document:
    return Document(data=None, lines=lines, findings=(Finding(place, message, remedy),))


def _syntax_error(error: Exception) -> Document:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    lines: dict[Place, int] = {(): mark.line + 1 if mark else 1}
    return _refused((), lines, f"is not YAML: {problem}", "Check indentation, colons and quotes near this line.")


def _walk(node: yaml.Node | None, place: Place, lines: dict[Place, int], findings: list[Finding]) -> None:
    if node is None:
        return
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            _walk(item, (*place, position), lines, findings)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            if inner in lines:
                findings.append(Finding(inner, f"says {key.value!r} twice", "Keep one of the two."))
            lines[inner] = key.start_mark.line + 1
            _walk(value, inner, lines, findings)


def abroad(name: str, documents: Mapping[str, Document], known: Mapping[str, str]) -> list[Finding]:
    """What only shows when all files are seen together."""
    tables = {other: document.data for other, document in documents.items() if isinstance(document.data, dict)}
    if name not in tables:
        return []
    raw, found = tables[name], []
    if raw.get("name") != name.removesuffix(".yaml"):
        found.append(Finding(("name",), f"is {raw.get('name')!r} in a file called {name}", "Name the file after its domain."))
    domains = {theirs.get("name") for theirs in tables.values() if isinstance(theirs.get("name"), str)}
    taken = [(other, theirs.get("prefix")) for other, theirs in tables.items() if other < name]
    for other, prefix in (*taken, *((other, prefix) for other, prefix in known.items() if other not in domains)):
        if prefix == raw.get("prefix"):
            found.append(Finding(("prefix",), f"is the prefix of {other} too", "Give each domain its own prefix."))
    relations = raw.get("relations")
    for position, relation in enumerate(relations if isinstance(relations, list) else []):
        target = relation.get("domain") if isinstance(relation, dict) else None
        if isinstance(target, str) and target not in domains and target not in known:
            found.append(Finding(("relations", position, "domain"), f"names {target!r}, which no file declares"))
    return found
