"""What a domain declares, as frozen values, and how its file becomes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from mdm.errors import BadConfiguration, Problem
from mdm.rules.governance import domain_checks
from mdm.rules.governance.domain_files import Document, Finding, read_document
from mdm.rules.governance.money import Money


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. `values` is its reference list, empty for free values; `country_from` gives a country hint."""

    name: str
    title: str
    kind: str
    is_required: bool = False
    max_length: int = 500
    values: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    on_problem: str = "quarantine"
    sensitivity: str = "public"
    is_multi: bool = False
    country_from: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed reference to another domain; a hierarchy names a parent of its own domain and has no cycles."""

    name: str
    title: str
    domain: str
    is_hierarchy: bool = False
    is_required: bool = False


Named = TypeVar("Named", Attribute, Relation)


@dataclass(frozen=True, slots=True)
class Match:
    """The match model and which of its attributes is which of ours; thresholds None means the model's own."""

    model: str | Mapping[str, Any]
    attributes: Mapping[str, str]
    auto: float | None = None
    review: float | None = None


@dataclass(frozen=True, slots=True)
class Strategy:
    """One survivorship strategy with its options."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Survive:
    """How an attribute, or a group that survives as a whole, is chosen: strategies in order, each the next one's fallback."""

    attributes: tuple[str, ...]
    strategies: tuple[Strategy, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """Which region a value of `attribute` puts a record into."""

    attribute: str
    mapping: Mapping[str, str]
    default: str

    def of(self, values: Mapping[str, Any]) -> str:
        return self.mapping.get(str(values.get(self.attribute)), self.default)


@dataclass(frozen=True, slots=True)
class DomainSpec:
    """One domain as declared and released. Built by `from_dict` or `read`, which check it as a whole.

    `ownership`: attribute -> system -> owner | contributor | reader; a system that is not named is a contributor.
    `criticality`: 1 is the most critical. `rules`: one survivorship rule for every attribute and relation, the
    declared ones first; derived, not stored.
    """

    name: str
    title: str
    title_plural: str
    prefix: str
    attributes: tuple[Attribute, ...]
    match: Match
    label: str
    relations: tuple[Relation, ...] = ()
    survivorship: tuple[Survive, ...] = ()
    ownership: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    region: Region | None = None
    criticality: int = 2
    sla_hours: Mapping[str, int] = field(default_factory=dict)
    search: tuple[str, ...] = ()
    heal: str = "queue"
    unowned_change: str = "ranked"
    money: Money | None = None
    rules: tuple[Survive, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", (*self.survivorship, *_default_rules(self)))

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> DomainSpec:
        """Build from plain data; raises BadConfiguration with every problem of it."""
        plain = dict(raw)
        problems = [_problem(finding, str(raw.get("name", "domain"))) for finding in domain_checks.findings(plain)]
        _refuse(problems)
        return _build(plain)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data, the same shape as the file; lists keep their order in JSONB, where keys do not."""
        plain: dict[str, Any] = asdict(self)
        plain.pop("rules")
        plain["survivorship"] = [
            {"attributes": list(rule.attributes), "strategies": [{"kind": s.kind, **s.options} for s in rule.strategies]}
            for rule in self.survivorship
        ]
        plain["search"] = list(self.search)
        plain["attributes"] = [
            {**row, "values": list(row["values"]), "validators": list(row["validators"])} for row in plain["attributes"]
        ]
        plain["relations"] = list(plain["relations"])
        plain.pop("money")
        if self.money is not None:
            plain["money"] = self.money.to_dict()
        if self.region is None:
            plain.pop("region")
        return plain

    @property
    def attribute_names(self) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in self.attributes)

    @property
    def relation_names(self) -> tuple[str, ...]:
        return tuple(relation.name for relation in self.relations)

    def attribute(self, name: str) -> Attribute:
        """The attribute of that name; KeyError when there is none."""
        return _named(self.attributes, name)

    def relation(self, name: str) -> Relation:
        """The relation of that name; KeyError when there is none."""
        return _named(self.relations, name)

    def ownership_of(self, attribute: str, system: str) -> str:
        """What `system` is for `attribute`: owner, contributor or reader."""
        return self.ownership.get(attribute, {}).get(system, "contributor")

    def owner_of(self, attribute: str) -> str | None:
        """The system that owns `attribute`, None when nobody does."""
        roles = self.ownership.get(attribute, {})
        return next((system for system, role in roles.items() if role == "owner"), None)


def read(folder: Path, *, known: Mapping[str, str] | None = None) -> tuple[DomainSpec, ...]:
    """All domains declared in a folder, by name; raises BadConfiguration with all problems of all files, one a line.

    `known`: domains that exist besides the folder's, with their prefixes: a file may refer to them.
    """
    documents = {path.name: read_document(path) for path in sorted(folder.glob("*.yaml"))}
    if not documents:
        _refuse([Problem(code="domain_file", field=str(folder), message=f"{folder}: has no domain file (*.yaml).")])
    problems = [
        _problem(finding, name, line=document.line(finding.place))
        for name, document in documents.items()
        for finding in (*_findings(document), *_abroad(name, documents, known or {}))
    ]
    _refuse(problems)
    specs = [_build(document.data) for document in documents.values() if isinstance(document.data, dict)]
    return tuple(sorted(specs, key=lambda spec: spec.name))


def _findings(document: Document) -> list[Finding]:
    unread = document.data is None and document.findings
    return [*document.findings] if unread else [*document.findings, *domain_checks.findings(document.data)]


def _abroad(name: str, documents: Mapping[str, Document], known: Mapping[str, str]) -> list[Finding]:
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


def _problem(finding: Finding, name: str, *, line: int | None = None) -> Problem:
    place = ".".join(str(step + 1) if isinstance(step, int) else step for step in finding.place)
    where = f"{name}:{line}" if line else name
    subject = f"{place} " if place else ""
    return Problem(code="domain_file", field=place, message=f"{where}: {subject}{finding.message}.", remedy=finding.remedy)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        lines = [f"{problem['message']} {problem['remedy']}".strip() for problem in problems]
        raise BadConfiguration("\n".join(lines), problems=problems)


def _build(raw: Mapping[str, Any]) -> DomainSpec:
    parts: dict[str, Any] = {
        **raw,
        "attributes": tuple(Attribute(**_tuples(row, "values", "validators")) for row in raw["attributes"]),
        "relations": tuple(Relation(**row) for row in raw.get("relations", [])),
        "match": Match(**raw["match"]),
        "survivorship": tuple(_survive(row) for row in raw.get("survivorship", [])),
        "search": tuple(raw.get("search", [])),
        "region": Region(**raw["region"]) if "region" in raw else None,
        "money": Money.from_dict(raw["money"]) if "money" in raw else None,
    }
    return DomainSpec(**parts)


def _tuples(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: tuple(value) if key in names else value for key, value in row.items()}


def _survive(row: Mapping[str, Any]) -> Survive:
    return Survive(tuple(row["attributes"]), tuple(_strategy(item) for item in row["strategies"]))


def _strategy(raw: str | Mapping[str, Any]) -> Strategy:
    if isinstance(raw, str):
        return Strategy(raw)
    return Strategy(raw["kind"], {key: value for key, value in raw.items() if key != "kind"})


def _default_rules(spec: DomainSpec) -> Iterable[Survive]:
    """The owner's value, else the latest; all values of a multi-valued attribute."""
    declared = {name for rule in spec.survivorship for name in rule.attributes}
    for attribute in spec.attributes:
        if attribute.name not in declared:
            latest = (Strategy("union"),) if attribute.is_multi else (Strategy("owner"), Strategy("most_recent"))
            yield Survive((attribute.name,), latest)
    for relation in spec.relations:
        if relation.name not in declared:
            yield Survive((relation.name,), (Strategy("most_recent"),))


def _named(rows: Iterable[Named], name: str) -> Named:
    for row in rows:
        if row.name == name:
            return row
    raise KeyError(f"no attribute or relation {name!r}")
