"""Everything that can be wrong in one domain declaration, collected before anything is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mdm.rules.golden.strategies import OPTIONS, STRATEGIES
from mdm.rules.governance import domain_shapes as shapes
from mdm.rules.governance.domain_files import Finding, Place


def findings(raw: object) -> list[Finding]:
    """All that is wrong in one declaration, in the order of its parts."""
    found = list(shapes.misshapen(raw, shapes.DOMAIN, ()))
    if isinstance(raw, dict):
        known = _names(raw, "attributes")
        fields = known | _names(raw, "relations")
        found += _attributes(raw, known)
        found += _relations(raw)
        found += _match(raw, known)
        found += _survivorship(raw, fields)
        found += _ownership(raw, known)
        found += _references(raw, known)
        found += _clocks(raw)
        found += _money(raw, known)
    return found


def _rows(raw: Mapping[str, Any], part: str) -> list[Any]:
    value = raw.get(part)
    return value if isinstance(value, list) else []


def _table(raw: Mapping[str, Any], part: str) -> dict[Any, Any]:
    value = raw.get(part)
    return value if isinstance(value, dict) else {}


def _names(raw: Mapping[str, Any], part: str) -> set[str]:
    return {row["name"] for row in _rows(raw, part) if isinstance(row, dict) and isinstance(row.get("name"), str)}


def _unknown(name: object, known: set[str], place: Place) -> Iterator[Finding]:
    if not isinstance(name, str) or name not in known:
        yield Finding(place, f"names {name!r}, which is no attribute here", f"Declared are: {', '.join(sorted(known))}.")


def _attributes(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    if raw.get("attributes") == []:
        yield Finding(("attributes",), "has no attribute", "Declare at least the one that is the label.")
    for position, row in enumerate(_rows(raw, "attributes")):
        place: Place = ("attributes", position)
        yield from shapes.misshapen(row, shapes.ATTRIBUTE, place)
        if isinstance(row, dict):
            for validator in _rows(row, "validators"):
                yield from _validator(validator, known, (*place, "validators"))
            if row.get("country_from") is not None:
                yield from _unknown(row["country_from"], known, (*place, "country_from"))
    yield from _twice(raw)


def _validator(validator: object, known: set[str], place: Place) -> Iterator[Finding]:
    if isinstance(validator, str) and validator.startswith("after:"):
        yield from _unknown(validator.removeprefix("after:"), known, place)
    elif validator not in shapes.PLAIN_VALIDATORS:
        yield Finding(
            place,
            f"names {validator!r}, which is no validator",
            f"Known are: {', '.join(shapes.PLAIN_VALIDATORS)}, after:ATTRIBUTE.",
        )


def _twice(raw: Mapping[str, Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for part in ("attributes", "relations"):
        for position, row in enumerate(_rows(raw, part)):
            name = row.get("name") if isinstance(row, dict) else None
            if isinstance(name, str) and name in seen:
                yield Finding((part, position, "name"), f"declares {name!r} a second time", "Give it another name.")
            elif isinstance(name, str):
                seen.add(name)


def _relations(raw: Mapping[str, Any]) -> Iterator[Finding]:
    for position, row in enumerate(_rows(raw, "relations")):
        place: Place = ("relations", position)
        yield from shapes.misshapen(row, shapes.RELATION, place)
        if isinstance(row, dict) and row.get("is_hierarchy") is True and row.get("domain") != raw.get("name"):
            remedy = f"Set domain to {raw.get('name')}."
            yield Finding((*place, "is_hierarchy"), "a hierarchy stays within its own domain", remedy)


def _match(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    if "match" not in raw or not isinstance(raw["match"], dict):
        return
    match = raw["match"]
    yield from shapes.misshapen(match, shapes.MATCH, ("match",))
    for model_attribute, attribute in _table(match, "attributes").items():
        yield from _unknown(attribute, known, ("match", "attributes", str(model_attribute)))
    auto, review = match.get("auto"), match.get("review")
    if auto and review and not (shapes.probability(auto) or shapes.probability(review)) and review > auto:
        yield Finding(("match", "review"), "is above auto", "Review begins at or below the automatic level.")


def _survivorship(raw: Mapping[str, Any], fields: set[str]) -> Iterator[Finding]:
    counts: Counter[str] = Counter()
    for position, row in enumerate(_rows(raw, "survivorship")):
        place: Place = ("survivorship", position)
        yield from shapes.misshapen(row, shapes.SURVIVE, place)
        if isinstance(row, dict):
            yield from _rule(row, raw, place)
            for name in filter(lambda item: isinstance(item, str), _rows(row, "attributes")):
                yield from _unknown(name, fields, (*place, "attributes"))
                counts[name] += 1
                if counts[name] == 2:
                    yield Finding((*place, "attributes"), f"gives {name!r} a second rule", "Keep one rule an attribute.")


def _rule(row: dict[Any, Any], raw: Mapping[str, Any], place: Place) -> Iterator[Finding]:
    multi = [other.get("name") for other in _rows(raw, "attributes") if isinstance(other, dict) and other.get("is_multi") is True]
    for part in ("attributes", "strategies"):
        if row.get(part) == []:
            yield Finding((*place, part), "is empty", "Name at least one.")
    for number, strategy in enumerate(_rows(row, "strategies")):
        yield from _strategy(strategy, (*place, "strategies", number))
        if _kind(strategy) == "union" and row.get("attributes") not in [[name] for name in multi]:
            yield Finding((*place, "strategies", number), "union is for one attribute that is_multi", "Choose another strategy.")


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
    for name in sorted(wanted):
        if shapes.texts(options.get(name)) or not options.get(name):
            yield Finding(place, f"{kind} needs {name}: a list of systems, the best first", f"Add {name}: [system, …].")


def _ownership(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    for attribute, systems in _table(raw, "ownership").items():
        place: Place = ("ownership", str(attribute))
        yield from _unknown(attribute, known, place)
        if not isinstance(systems, dict):
            yield Finding(place, "must be a table of systems", "Write it as {netsuite: owner, salesforce: contributor}.")
            continue
        check = shapes.one_of(*shapes.OWNERSHIP)
        for system, role in systems.items():
            if complaint := check(role):
                yield Finding((*place, str(system)), f"{complaint}, not {role!r}")
        if list(systems.values()).count("owner") > 1:
            yield Finding(place, "has more than one owner", "An attribute has one owner; make the others contributors.")


def _references(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    if isinstance(raw.get("label"), str):
        yield from _unknown(raw["label"], known, ("label",))
    for name in _rows(raw, "search"):
        yield from _unknown(name, known, ("search",))
    if isinstance(raw.get("region"), dict):
        yield from shapes.misshapen(raw["region"], shapes.REGION, ("region",))
        yield from _unknown(raw["region"].get("attribute"), known, ("region", "attribute"))
        for value, region in _table(raw["region"], "mapping").items():
            if complaint := shapes.text(value) or shapes.text(region):
                yield Finding(("region", "mapping", str(value)), f"{complaint}: {value!r} is {region!r}")


def _clocks(raw: Mapping[str, Any]) -> Iterator[Finding]:
    for clock, hours in _table(raw, "sla_hours").items():
        if clock not in shapes.CLOCKS:
            yield Finding(("sla_hours", str(clock)), f"is no clock: {clock!r}", f"Known are: {', '.join(shapes.CLOCKS)}.")
        elif complaint := shapes.whole(hours):
            yield Finding(("sla_hours", clock), f"{complaint}, not {hours!r}")


def _money(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    if not isinstance(raw.get("money"), dict):
        return
    money, kinds = raw["money"], {row["name"]: row for row in _rows(raw, "attributes") if isinstance(row, dict) and "name" in row}
    yield from shapes.misshapen(money, shapes.MONEY, ("money",))
    for part, fitting in (("amount", ("decimal", "integer")), ("currency", ("currency",))):
        if isinstance(money.get(part), str):
            yield from _unknown(money[part], known, ("money", part))
            kind = kinds.get(money[part], {}).get("kind")
            if kind is not None and kind not in fitting:
                yield Finding(("money", part), f"names {money[part]!r}, which is {kind}", f"It takes: {' or '.join(fitting)}.")
    yield from _open_when(_table(money, "open_when"), kinds, known) if "open_when" in money else ()
    yield from _reporting(_table(money, "reporting")) if "reporting" in money else ()


def _open_when(when: dict[Any, Any], kinds: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    place: Place = ("money", "open_when")
    yield from shapes.misshapen(when, shapes.OPEN_WHEN, place)
    if isinstance(when.get("attribute"), str):
        yield from _unknown(when["attribute"], known, (*place, "attribute"))
        declared = _rows(kinds.get(when["attribute"], {}), "values")
        for value in _rows(when, "values"):
            if declared and value not in declared:
                yield Finding((*place, "values"), f"names {value!r}, which {when['attribute']} never is")


def _reporting(reporting: dict[Any, Any]) -> Iterator[Finding]:
    place: Place = ("money", "reporting")
    yield from shapes.misshapen(reporting, shapes.REPORTING, place)
    for code, rate in _table(reporting, "rates").items():
        if complaint := shapes.CURRENCY(code) or shapes.rate(rate):
            yield Finding((*place, "rates", str(code)), f"{complaint}: {code!r} is {rate!r}")
