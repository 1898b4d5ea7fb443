"""What a domain declares, as frozen values, and how its file becomes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from mdm.errors import BadConfiguration, Problem
from mdm.rules.golden.conditions import When
from mdm.rules.golden.trust import Trust, Weight
from mdm.rules.governance import domain_checks
from mdm.rules.governance.domain_files import Document, Finding, abroad, read_document
from mdm.rules.governance.money import Money
from mdm.rules.governance.ownership import PingPong, Requests
from mdm.rules.governance.releasing.release_limits import Limits
from mdm.rules.intake.quality import QualityRule


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. `values` is its reference list, empty for free values; `country_from` gives a country hint.

    `keeps_empty`: a record that says that there is no value counts like one that has a value. `unowned_change`: None means as
    the domain says.
    """

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
    keeps_empty: bool = False
    unowned_change: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed reference to another domain; a hierarchy names a parent of its own domain and has no cycles.

    `kind`: of a hierarchy (legal, billing, …), its own name where none is declared; "" for others. `since`, `until`: attributes
    of the record that names it: the first and the last day on which it holds. `is_scoped`: what is named must have a record in
    the very scope of the record that names it.
    """

    name: str
    title: str
    domain: str
    is_hierarchy: bool = False
    is_required: bool = False
    kind: str = ""
    since: str | None = None
    until: str | None = None
    is_scoped: bool = False

    @property
    def is_dated(self) -> bool:
        return bool(self.since or self.until)


Named = TypeVar("Named", Attribute, Relation)
_OLD = ("name", "title", "domain", "is_hierarchy", "is_required")


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
    """How an attribute, or a group that survives as a whole, is chosen: strategies in order, each the next one's fallback.

    `when`: the rule counts only where that holds; of several rules for one group the first that counts decides.
    """

    attributes: tuple[str, ...]
    strategies: tuple[Strategy, ...]
    when: When | None = None

    @property
    def leans_on(self) -> frozenset[str]:
        """Attributes that have to be decided before."""
        named = {str(strategy.options["attribute"]) for strategy in self.strategies if strategy.kind == "from_winner_of"}
        return frozenset(named | ({self.when.attribute} if self.when else set()))

    def uses(self, kind: str) -> bool:
        return any(strategy.kind == kind for strategy in self.strategies)


@dataclass(frozen=True, slots=True)
class Region:
    """Which region a value of `attribute` puts a record into."""

    attribute: str
    mapping: Mapping[str, str]
    default: str

    def of(self, values: Mapping[str, Any]) -> str:
        return self.mapping.get(str(values.get(self.attribute)), self.default)


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days history is kept after something newer took its place; None is for ever. The present always stays."""

    golden_days: int | None = None
    source_days: int | None = None


@dataclass(frozen=True, slots=True)
class DomainSpec:
    """One domain as declared and released. Built by `from_dict` or `read`, which check it as a whole.

    `ownership`: attribute -> system -> owner | contributor | reader; a system that is not named is a contributor.
    `criticality`: 1 is the most critical. `rules`: survivorship rules for every attribute and relation, each after those that it
    leans on, else the declared ones first, an owner's word before every other measure but a failed check; derived, not stored.
    `asking`: attributes of which somebody else's change has to be approved.
    `quality`: what a good record has.
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
    trust: Trust | None = None
    retention: Retention | None = None
    release_limits: Limits | None = None
    change_requests: Requests | None = None
    ping_pong: PingPong | None = None
    quality: tuple[QualityRule, ...] = ()
    rules: tuple[Survive, ...] = field(init=False, compare=False, repr=False)
    kept_empty: frozenset[str] = field(init=False, compare=False, repr=False)
    asking: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        rules = (_led(self, rule) for rule in (*self.survivorship, *_default_rules(self)))
        object.__setattr__(self, "rules", _in_order(tuple(rules)))
        object.__setattr__(self, "kept_empty", frozenset(item.name for item in self.attributes if item.keeps_empty))
        asking = (name for name in self.attribute_names if self.policy_of(name) == "request" and self.owner_of(name))
        object.__setattr__(self, "asking", tuple(asking))

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
        for derived in ("rules", "kept_empty", "asking"):
            plain.pop(derived)
        plain["survivorship"] = [_plain_rule(rule) for rule in self.survivorship]
        plain["search"] = list(self.search)
        plain["attributes"] = [
            {**row, "values": list(row["values"]), "validators": list(row["validators"])} for row in plain["attributes"]
        ]
        for row, new in product(plain["attributes"], ("keeps_empty", "unowned_change")):
            if not row[new]:  # a declaration that does not use what is new keeps its hash
                row.pop(new)
        plain["relations"] = [_plain_relation(row) for row in plain["relations"]]
        for part, told in (("money", self.money), ("change_requests", self.change_requests)):
            plain[part] = told and told.to_dict()
        plain.pop("quality")
        if self.quality:
            plain["quality"] = [rule.to_dict() for rule in self.quality]
        for part in ("region", "money", "trust", "retention", "release_limits", "change_requests", "ping_pong"):
            if plain[part] is None:
                plain.pop(part)
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

    def policy_of(self, attribute: str) -> str:
        """What becomes of a change of `attribute` by a system that does not own it: ranked, ignored or request."""
        return self.attribute(attribute).unowned_change or self.unowned_change

    @property
    def hierarchies(self) -> dict[str, Relation]:
        """The hierarchies by kind, in the order of the declaration."""
        return {relation.kind: relation for relation in self.relations if relation.is_hierarchy}

    @property
    def dated(self) -> tuple[Relation, ...]:
        """Relations that the sources give dates of their own."""
        return tuple(relation for relation in self.relations if relation.is_dated)

    @property
    def moves_with_time(self) -> bool:
        """Whether time alone can change a golden value: a rule asks for trust, which fades, or a relation begins or ends."""
        return self.fades or bool(self.dated)

    @property
    def fades(self) -> bool:
        """Whether a rule asks for trust that fades."""
        return self.trust is not None and self.trust.moves and any(rule.uses("trust") for rule in self.survivorship)

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
        for finding in (*_findings(document), *abroad(name, documents, known or {}))
    ]
    _refuse(problems)
    specs = [_build(document.data) for document in documents.values() if isinstance(document.data, dict)]
    return tuple(sorted(specs, key=lambda spec: spec.name))


def _findings(document: Document) -> list[Finding]:
    unread = document.data is None and document.findings
    return [*document.findings] if unread else [*document.findings, *domain_checks.findings(document.data)]


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
        "relations": tuple(_relation(row) for row in raw.get("relations", [])),
        "match": Match(**raw["match"]),
        "survivorship": tuple(_survive(row) for row in raw.get("survivorship", [])),
        "search": tuple(raw.get("search", [])),
        "region": Region(**raw["region"]) if "region" in raw else None,
        "money": Money.from_dict(raw["money"]) if "money" in raw else None,
        "trust": _trust(raw["trust"]) if "trust" in raw else None,
        "retention": Retention(**raw["retention"]) if "retention" in raw else None,
        "release_limits": Limits(**raw["release_limits"]) if "release_limits" in raw else None,
        "change_requests": Requests.from_dict(raw["change_requests"]) if "change_requests" in raw else None,
        "ping_pong": PingPong(**raw["ping_pong"]) if "ping_pong" in raw else None,
        "quality": tuple(QualityRule.from_dict(row) for row in raw.get("quality", [])),
    }
    return DomainSpec(**parts)


def _tuples(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: tuple(value) if key in names else value for key, value in row.items()}


def _relation(row: Mapping[str, Any]) -> Relation:
    kind = row.get("kind") or (row["name"] if row.get("is_hierarchy") else "")
    return Relation(**{**row, "kind": kind})


def _plain_relation(row: Mapping[str, Any]) -> dict[str, Any]:
    """Without what it does not use, so that an old declaration keeps its hash."""
    is_own = row["kind"] == row["name"]
    return {name: value for name, value in row.items() if name in _OLD or (value and not (name == "kind" and is_own))}


def _survive(row: Mapping[str, Any]) -> Survive:
    when = When(row["when"]["attribute"], tuple(row["when"]["values"])) if row.get("when") else None
    return Survive(tuple(row["attributes"]), tuple(_strategy(item) for item in row["strategies"]), when)


def _plain_rule(rule: Survive) -> dict[str, Any]:
    plain: dict[str, Any] = {"attributes": list(rule.attributes)}
    plain["strategies"] = [{"kind": strategy.kind, **strategy.options} for strategy in rule.strategies]
    return plain | ({"when": {"attribute": rule.when.attribute, "values": list(rule.when.values)}} if rule.when else {})


def _trust(raw: Mapping[str, Any]) -> Trust:
    """A weight is a number that stays, or a table of how it fades."""
    weights = {
        attribute: {system: Weight(**said) if isinstance(said, Mapping) else Weight(said) for system, said in table.items()}
        for attribute, table in raw["weights"].items()
    }
    return Trust(weights, raw.get("downgrade", 0.0))


def _in_order(rules: Sequence[Survive]) -> tuple[Survive, ...]:
    """Each rule after all rules of the attributes that it leans on; otherwise as they stand. The checks refused circles."""
    leans: dict[tuple[str, ...], frozenset[str]] = {}
    for rule in rules:  # the rules of one group stay together, in their order: the first that counts decides
        leans[rule.attributes] = leans.get(rule.attributes, frozenset()) | rule.leans_on
    waiting, ordered = list(rules), list[Survive]()
    while waiting:
        undecided = {name for rule in waiting for name in rule.attributes}
        ready = [rule for rule in waiting if leans[rule.attributes].isdisjoint(undecided - set(rule.attributes))] or waiting
        ordered += ready
        waiting = [rule for rule in waiting if rule not in ready]
    return tuple(ordered)


def _strategy(raw: str | Mapping[str, Any]) -> Strategy:
    if isinstance(raw, str):
        return Strategy(raw)
    return Strategy(raw["kind"], {key: value for key, value in raw.items() if key != "kind"})


def _led(spec: DomainSpec, rule: Survive) -> Survive:
    """The rule with the owner's word in front, after a check of validity, where it does not name the owner itself."""
    owned = any(spec.owner_of(name) for name in rule.attributes)
    if not owned or rule.uses("owner") or rule.uses("union"):
        return rule
    place = 1 if rule.strategies and rule.strategies[0].kind == "first_valid" else 0
    return replace(rule, strategies=(*rule.strategies[:place], Strategy("owner"), *rule.strategies[place:]))


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
