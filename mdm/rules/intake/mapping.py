"""The mapping language: rows `[attribute, remote dotted path, {options}]` that turn a payload into attributes and back."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from decimal import InvalidOperation
from typing import Any

from mdm.errors import BadConfiguration, BadInput, Problem
from mdm.rules.golden import enterprise_id
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.intake.codecs import CODECS, Row, Unreadable
from mdm.rules.intake.mapping_rows import read_row, row_problems
from mdm.rules.values import is_empty

REFERENCE_PARTS = ("system", "object", "scope", "native_id")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Mapped:
    """One payload in our words.

    `attributes`: text by name, a list of texts for a multi-valued one, None where the payload has an empty value;
    an attribute the payload does not mention is left out. `relations`: by relation name, the key of the record it
    names (`object` is empty when the payload does not say), or `{"enterprise_id": …}`, or None. `problems`: one
    for each value that could not be read, its `field` being the attribute.
    """

    attributes: dict[str, Any]
    relations: dict[str, dict[str, str] | None] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """Checked rows. Build with `from_rows`, or `identity` for systems that speak our attribute names."""

    rows: tuple[Row, ...]
    relations: frozenset[str] = frozenset()

    @classmethod
    def from_rows(
        cls, rows: Sequence[Any], *, relations: Collection[str] = (), attributes: Collection[str] | None = None
    ) -> Mapping:
        """Check and keep the rows; raises BadConfiguration with all problems. `attributes`: the known names, None checks none."""
        problems = list(row_problems(rows, relations=relations, attributes=attributes))
        if problems:
            raise BadConfiguration("\n".join(problem["message"] for problem in problems), problems=problems)
        return cls(tuple(read_row(row) for row in rows), frozenset(relations))

    def to_attributes(self, payload: Table[str, Any], *, system: str, scope: str = "") -> Mapped:
        """Read one payload; a reference without a scope of its own takes the record's `scope`."""
        attributes: dict[str, Any] = {}
        relations: dict[str, dict[str, str] | None] = {}
        problems: list[Problem] = []
        for row in self.rows:
            raw = row.value if row.codec == "const" else _at(payload, row.path)
            if raw is _MISSING:
                continue
            try:
                if row.attribute in self.relations:
                    relations[row.attribute] = _reference(raw, row, system=system, scope=scope)
                else:
                    attributes[row.attribute] = _read(raw, row)
            except Unreadable as unreadable:
                problems.append(_unreadable(raw, row, str(unreadable)))
        return Mapped(attributes, relations, tuple(problems))

    def to_remote(self, attributes: Table[str, Any]) -> dict[str, Any]:
        """Remote values by remote path, for the writable rows whose attribute is given.

        None clears the remote field; a value that the target has no word for is left out.
        """
        remote: dict[str, Any] = {}
        for row in self.rows:
            if row.write and row.attribute in attributes:
                value = attributes[row.attribute]
                with contextlib.suppress(ValueError, InvalidOperation):
                    written = None if value is None else _written(value, row)
                    if value is None or written is not None:
                        remote[row.path] = written
        return remote

    @property
    def borrowed(self) -> tuple[tuple[str, str, str], ...]:
        """(attribute, relation, the related record's attribute) for each row that shows a related record's value."""
        return tuple((row.attribute, *row.via.split(".", 1)) for row in self.rows if row.via)  # type: ignore[misc]

    @property
    def writable(self) -> frozenset[str]:
        """The attributes a target of this mapping takes."""
        return frozenset(row.attribute for row in self.rows if row.write)

    def unknown(self, payload: Table[str, Any], *, besides: Collection[str] = ()) -> tuple[str, ...]:
        """Top-level payload keys that no row reads, sorted; `besides`: keys read elsewhere, as the ID and the time."""
        read = {row.path for row in self.rows} | {row.path.partition(".")[0] for row in self.rows} | set(besides)
        return tuple(sorted(key for key in payload if key not in read))


def identity(spec: DomainSpec) -> Mapping:
    """The mapping of a system that sends our own attribute and relation names."""
    attributes = [
        Row(a.name, a.name, codec="boolean" if a.kind == "boolean" else "text", multi=a.is_multi) for a in spec.attributes
    ]
    relations = [Row(name, name, codec="ref") for name in spec.relation_names]
    return Mapping((*attributes, *relations), frozenset(spec.relation_names))


def _at(payload: Any, path: str) -> Any:
    """The value at a dotted path; a key that itself has dots goes first, a number picks from a list."""
    if isinstance(payload, dict) and path in payload:
        return payload[path]
    head, _, rest = path.partition(".")
    if isinstance(payload, list) and head.isdecimal() and int(head) < len(payload):
        inner = payload[int(head)]
    elif isinstance(payload, dict) and head in payload:
        inner = payload[head]
    else:
        return _MISSING
    if inner is None:
        return None
    return _at(inner, rest) if rest else inner


def _read(raw: Any, row: Row) -> Any:
    if is_empty(raw):
        return None
    if row.multi:
        items = raw if isinstance(raw, list) else [raw]
        return [_single(item, row) for item in items if not is_empty(item)]
    return _single(raw, row)


def _single(raw: Any, row: Row) -> str:
    return row.value if row.codec == "const" else CODECS[row.codec].read(raw, row)


def _reference(raw: Any, row: Row, *, system: str, scope: str) -> dict[str, str] | None:
    if is_empty(raw):
        return None
    given = dict(_reference_parts(raw, row))
    if "enterprise_id" in given:
        return {"enterprise_id": _enterprise_id(given["enterprise_id"])}
    if "native_id" not in given:
        raise Unreadable("a reference: it has neither native_id nor enterprise_id")
    return {"system": system, "object": row.object, "scope": scope} | given


def _enterprise_id(text: str) -> str:
    """As it is stored; a mistyped one is refused before anybody looks for it."""
    try:
        return enterprise_id.parse(text)
    except BadInput as error:
        raise Unreadable("an enterprise ID like CUS-4F7K2M9Q") from error


def _reference_parts(raw: Any, row: Row) -> Iterator[tuple[str, str]]:
    if not isinstance(raw, dict):
        yield "native_id", CODECS["text"].read(raw, row).strip()
        return
    for part in (*REFERENCE_PARTS, "enterprise_id"):
        if not is_empty(raw.get(part)):
            yield part, CODECS["text"].read(raw[part], row).strip()


def _written(value: Any, row: Row) -> Any:
    if row.codec == "ref":
        return value.get("native_id") if isinstance(value, dict) else value
    if isinstance(value, list):
        return [CODECS[row.codec].write(str(item), row) for item in value]
    return CODECS[row.codec].write(str(value), row)


def _unreadable(raw: Any, row: Row, expected: str) -> Problem:
    shown = "a list" if isinstance(raw, list) else "an object" if isinstance(raw, dict) else repr(raw)[:80]
    where = row.attribute if row.path == row.attribute else f"{row.attribute} ({row.path})"
    return Problem(
        code="unreadable",
        field=row.attribute,
        value=shown,
        message=f"{where} is {shown}, which is not {expected}.",
        remedy=f"Send {expected} for {row.path}.",
    )
