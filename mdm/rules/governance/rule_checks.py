"""What can be wrong in the survivorship of a domain: its rules, their conditions and the trust they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mdm.rules.golden.strategies import OPTIONS, STRATEGIES
from mdm.rules.golden.trust import ANY
from mdm.rules.governance import domain_shapes as shapes
from mdm.rules.governance.domain_files import Finding, Place

Table = Mapping[Any, Any]


def rows(raw: Mapping[str, Any], part: str) -> list[Any]:
    """A part that should be a list, empty where it is none."""
    value = raw.get(part)
    return value if isinstance(value, list) else []


def table(raw: Mapping[str, Any], part: str) -> dict[Any, Any]:
    """A part that should be a table, empty where it is none."""
    value = raw.get(part)
    return value if isinstance(value, dict) else {}


def unknown(name: object, known: set[str], place: Place) -> Iterator[Finding]:
    """A finding where `name` is no attribute of the domain."""
    if not isinstance(name, str) or name not in known:
        yield Finding(place, f"names {name!r}, which is no attribute here", f"Declared are: {', '.join(sorted(known))}.")


def findings(raw: Mapping[str, Any], *, known: set[str], fields: set[str]) -> Iterator[Finding]:
    """All that is wrong with rules and trust. `known`: attributes, `fields`: relations too."""
    for position, row in enumerate(rows(raw, "survivorship")):
        place: Place = ("survivorship", position)
        yield from shapes.misshapen(row, shapes.SURVIVE, place)
        if isinstance(row, dict):
            yield from _rule(row, raw, place)
            yield from _leaning(row, fields, place)
            for name in filter(lambda item: isinstance(item, str), rows(row, "attributes")):
                yield from unknown(name, fields, (*place, "attributes"))
    yield from _second_rules(raw)
    yield from _circles(raw)
    yield from _trust(raw, known)


def _rule(row: Table, raw: Mapping[str, Any], place: Place) -> Iterator[Finding]:
    multi = [other.get("name") for other in rows(raw, "attributes") if isinstance(other, dict) and other.get("is_multi") is True]
    for part in ("attributes", "strategies"):
        if row.get(part) == []:
            yield Finding((*place, part), "is empty", "Name at least one.")
    for number, strategy in enumerate(rows(row, "strategies")):
        yield from _strategy(strategy, (*place, "strategies", number))
        if _kind(strategy) == "union" and row.get("attributes") not in [[name] for name in multi]:
            yield Finding((*place, "strategies", number), "union is for one attribute that is_multi", "Choose another strategy.")
        if _kind(strategy) == "trust" and (bare := _without_weight(row, raw)):
            remedy = f"Give {bare}, or {ANY!r}, a table under trust.weights."
            yield Finding((*place, "strategies", number), f"asks for trust, but nobody has any for {bare!r}", remedy)


def _kind(strategy: object) -> object:
    return strategy.get("kind") if isinstance(strategy, dict) else strategy


def _strategy(raw: object, place: Place) -> Iterator[Finding]:
    kind = _kind(raw)
    if not isinstance(kind, str) or kind not in STRATEGIES:
        yield Finding(place, f"names {kind!r}, which is no strategy", f"Known are: {', '.join(STRATEGIES)}.")
        return
    options = raw if isinstance(raw, dict) else {}
    wanted = OPTIONS.get(kind, frozenset())
    for name in sorted(options.keys() - wanted - {"kind"}, key=str):
        yield Finding(place, f"gives {kind} the unknown option {name!r}", f"It takes: {', '.join(wanted) or 'none'}.")
    if "order" in wanted and (shapes.texts(options.get("order")) or not options.get("order")):
        yield Finding(place, f"{kind} needs order: a list of systems, the best first", "Add order: [system, …].")
    if "attribute" in wanted and shapes.text(options.get("attribute")):
        yield Finding(place, f"{kind} needs attribute: the one whose winner it follows", "Add attribute: name.")


def _without_weight(row: Table, raw: Mapping[str, Any]) -> str:
    """The first attribute of a rule that trust has no weight for."""
    weights = table(table(raw, "trust"), "weights")
    names = [name for name in rows(row, "attributes") if isinstance(name, str)]
    return next((name for name in names if name not in weights and ANY not in weights), "")


def _leaning(row: Table, fields: set[str], place: Place) -> Iterator[Finding]:
    """The attributes that a rule leans on exist and are not its own."""
    for where, name in _leans_on(row):
        yield from unknown(name, fields, (*place, *where))
        if name in rows(row, "attributes"):
            yield Finding((*place, *where), f"names {name!r}, which the rule itself decides", "Name another attribute.")
    if len({name for where, name in _leans_on(row) if where[0] == "strategies"}) > 1:
        yield Finding((*place, "strategies"), "goes with the winners of two attributes", "Keep one from_winner_of.")
    if isinstance(row.get("when"), dict):
        yield from shapes.misshapen(row["when"], shapes.WHEN, (*place, "when"))
        if row["when"].get("values") == []:
            yield Finding((*place, "when", "values"), "is empty", "Name at least one.")


def _leans_on(row: object) -> list[tuple[tuple[str | int, ...], str]]:
    """Where a rule names an attribute that has to be decided before, and which."""
    if not isinstance(row, dict):
        return []
    named: list[tuple[tuple[str | int, ...], object]] = [
        (("strategies", number), strategy.get("attribute"))
        for number, strategy in enumerate(rows(row, "strategies"))
        if isinstance(strategy, dict) and strategy.get("kind") == "from_winner_of"
    ]
    named += [(("when", "attribute"), row["when"].get("attribute"))] if isinstance(row.get("when"), dict) else []
    return [(where, name) for where, name in named if isinstance(name, str)]


def _second_rules(raw: Mapping[str, Any]) -> Iterator[Finding]:
    """Several rules of an attribute are for the same group, and all but the last have a condition."""
    seen: dict[str, tuple[list[Any], bool]] = {}
    for position, row in enumerate(rows(raw, "survivorship")):
        group = rows(row, "attributes") if isinstance(row, dict) else []
        place: Place = ("survivorship", position, "attributes")
        for name in {name: None for name in group if isinstance(name, str)}:
            before = seen.get(name)
            if group.count(name) > 1:
                yield Finding(place, f"gives {name!r} a second rule", "Name it once.")
            elif before and before[1]:
                yield Finding(place, f"gives {name!r} a second rule", "Give all but the last of its rules a condition (when).")
            elif before and before[0] != group:
                yield Finding(place, f"gives {name!r} a rule in another group", "Keep the same attributes in all its rules.")
            seen[name] = (group, not row.get("when"))
    for name, (group, is_last) in seen.items():
        if not is_last and group[0] == name:
            said = f"gives {name!r} no rule for where no condition holds"
            yield Finding(("survivorship",), said, "Add a last rule without when.")


def _circles(raw: Mapping[str, Any]) -> Iterator[Finding]:
    """No attribute leans on itself through others."""
    leans: dict[str, set[str]] = {}
    for row in rows(raw, "survivorship"):
        for name in rows(row, "attributes") if isinstance(row, dict) else []:
            if isinstance(name, str):
                leans.setdefault(name, set()).update(end for _, end in _leans_on(row) if end not in rows(row, "attributes"))
    for start in sorted(leans):
        reached, waiting = set[str](), list(leans[start])
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += leans.get(name, ())
        if start in reached:
            yield Finding(
                ("survivorship",), f"decides {start!r} by way of itself", "Break the circle of when and from_winner_of."
            )
            return


def _trust(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    if not isinstance(raw.get("trust"), dict):
        return
    trust = raw["trust"]
    yield from shapes.misshapen(trust, shapes.TRUST, ("trust",))
    for attribute, systems in table(trust, "weights").items():
        place: Place = ("trust", "weights", str(attribute))
        if attribute != ANY:
            yield from unknown(attribute, known, place)
        if not isinstance(systems, dict):
            yield Finding(place, "must be a table of systems", "Write it as {netsuite: 80, '*': 40}.")
            continue
        for system, weight in systems.items():
            yield from _weight(weight, (*place, str(system)))


def _weight(weight: object, place: Place) -> Iterator[Finding]:
    if not isinstance(weight, dict):
        if complaint := shapes.between(0, 100)(weight):
            yield Finding(place, f"{complaint}, or a table of start, decay, days and end, not {weight!r}"[:300])
        return
    yield from shapes.misshapen(weight, shapes.WEIGHT, place)
    if weight.get("decay", "none") != "none" and "days" not in weight:
        yield Finding(place, f"fades ({weight['decay']}), but does not say how fast", "Add days.")
    start, end = weight.get("start"), weight.get("end", 0)
    if isinstance(start, int | float) and isinstance(end, int | float) and end > start:
        yield Finding((*place, "end"), "is above start", "Trust fades, it does not grow.")
