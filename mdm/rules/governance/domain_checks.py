"""Everything that can be wrong in one domain declaration, collected before anything is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mdm.rules.governance import domain_shapes as shapes
from mdm.rules.governance import quality_checks, rule_checks
from mdm.rules.governance.domain_files import Finding, Place
from mdm.rules.governance.rule_checks import rows, table, unknown


def findings(raw: object) -> list[Finding]:
    """All that is wrong in one declaration, in the order of its parts."""
    found = list(shapes.misshapen(raw, shapes.DOMAIN, ()))
    if isinstance(raw, dict):
        known = _names(raw, "attributes")
        fields = known | _names(raw, "relations")
        found += _attributes(raw, known)
        found += _relations(raw, known)
        found += _match(raw, known)
        found += rule_checks.findings(raw, known=known, fields=fields)
        found += quality_checks.findings(raw, known=known, fields=fields)
        found += _ownership(raw, known)
        found += _references(raw, known)
        found += _clocks(raw)
        found += _money(raw, known)
        found += _tables(raw)
    return found


def _names(raw: Mapping[str, Any], part: str) -> set[str]:
    return {row["name"] for row in rows(raw, part) if isinstance(row, dict) and isinstance(row.get("name"), str)}


def _attributes(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    if raw.get("attributes") == []:
        yield Finding(("attributes",), "has no attribute", "Declare at least the one that is the label.")
    for position, row in enumerate(rows(raw, "attributes")):
        place: Place = ("attributes", position)
        yield from shapes.misshapen(row, shapes.ATTRIBUTE, place)
        if isinstance(row, dict):
            for validator in rows(row, "validators"):
                yield from _validator(validator, known, (*place, "validators"))
            if row.get("keeps_empty") is True and row.get("is_multi") is True:
                yield Finding(
                    (*place, "keeps_empty"), "is for attributes of one value", "Leave it out, or set is_multi to false."
                )
            if row.get("country_from") is not None:
                yield from unknown(row["country_from"], known, (*place, "country_from"))
    yield from _twice(raw)


def _validator(validator: object, known: set[str], place: Place) -> Iterator[Finding]:
    if isinstance(validator, str) and validator.startswith("after:"):
        yield from unknown(validator.removeprefix("after:"), known, place)
    elif validator not in shapes.PLAIN_VALIDATORS:
        yield Finding(
            place,
            f"names {validator!r}, which is no validator",
            f"Known are: {', '.join(shapes.PLAIN_VALIDATORS)}, after:ATTRIBUTE.",
        )


def _twice(raw: Mapping[str, Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for part in ("attributes", "relations"):
        for position, row in enumerate(rows(raw, part)):
            name = row.get("name") if isinstance(row, dict) else None
            if isinstance(name, str) and name in seen:
                yield Finding((part, position, "name"), f"declares {name!r} a second time", "Give it another name.")
            elif isinstance(name, str):
                seen.add(name)


def _relations(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    kinds: set[str] = set()
    for position, row in enumerate(rows(raw, "relations")):
        place: Place = ("relations", position)
        yield from shapes.misshapen(row, shapes.RELATION, place)
        if isinstance(row, dict):
            yield from _hierarchy(row, raw, kinds, place)
            yield from _dates(row, raw, known, place)


def _hierarchy(row: Mapping[str, Any], raw: Mapping[str, Any], kinds: set[str], place: Place) -> Iterator[Finding]:
    """What is wrong with a hierarchy; `kinds`: those of the relations before, its own is added."""
    if row.get("is_hierarchy") is not True:
        if row.get("kind"):
            yield Finding((*place, "kind"), "is for hierarchies", "Set is_hierarchy to true, or leave it out.")
        return
    if row.get("domain") != raw.get("name"):
        yield Finding((*place, "is_hierarchy"), "a hierarchy stays within its own domain", f"Set domain to {raw.get('name')}.")
    kind = row.get("kind") or row.get("name")
    if isinstance(kind, str) and kind in kinds:
        yield Finding((*place, "kind"), f"is a second hierarchy of kind {kind!r}", "A record has one parent of each kind.")
    elif isinstance(kind, str):
        kinds.add(kind)


def _dates(row: Mapping[str, Any], raw: Mapping[str, Any], known: set[str], place: Place) -> Iterator[Finding]:
    """`since` and `until` name attributes that are dates."""
    kinds = {item.get("name"): item.get("kind") for item in rows(raw, "attributes") if isinstance(item, dict)}
    for part in ("since", "until"):
        if isinstance(row.get(part), str):
            yield from unknown(row[part], known, (*place, part))
            if row[part] in known and kinds.get(row[part]) != "date":
                yield Finding((*place, part), f"names {row[part]!r}, which is {kinds[row[part]]}", "It takes: date.")


def _match(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    if "match" not in raw or not isinstance(raw["match"], dict):
        return
    match = raw["match"]
    yield from shapes.misshapen(match, shapes.MATCH, ("match",))
    for model_attribute, attribute in table(match, "attributes").items():
        yield from unknown(attribute, known, ("match", "attributes", str(model_attribute)))
    auto, review = match.get("auto"), match.get("review")
    if auto and review and not (shapes.probability(auto) or shapes.probability(review)) and review > auto:
        yield Finding(("match", "review"), "is above auto", "Review begins at or below the automatic level.")


def _ownership(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    for attribute, systems in table(raw, "ownership").items():
        place: Place = ("ownership", str(attribute))
        yield from unknown(attribute, known, place)
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
        yield from unknown(raw["label"], known, ("label",))
    for name in rows(raw, "search"):
        yield from unknown(name, known, ("search",))
    if isinstance(raw.get("region"), dict):
        yield from shapes.misshapen(raw["region"], shapes.REGION, ("region",))
        yield from unknown(raw["region"].get("attribute"), known, ("region", "attribute"))
        for value, region in table(raw["region"], "mapping").items():
            if complaint := shapes.text(value) or shapes.text(region):
                yield Finding(("region", "mapping", str(value)), f"{complaint}: {value!r} is {region!r}")


def _tables(raw: Mapping[str, Any]) -> Iterator[Finding]:
    """Tables that speak of nothing else in the file."""
    for name, shape in (("retention", shapes.RETENTION), ("release_limits", shapes.RELEASE_LIMITS)):
        if isinstance(raw.get(name), dict):
            yield from shapes.misshapen(raw[name], shape, (name,))


def _clocks(raw: Mapping[str, Any]) -> Iterator[Finding]:
    for clock, hours in table(raw, "sla_hours").items():
        if clock not in shapes.CLOCKS:
            yield Finding(("sla_hours", str(clock)), f"is no clock: {clock!r}", f"Known are: {', '.join(shapes.CLOCKS)}.")
        elif complaint := shapes.whole(hours):
            yield Finding(("sla_hours", clock), f"{complaint}, not {hours!r}")


def _money(raw: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    if not isinstance(raw.get("money"), dict):
        return
    money, kinds = raw["money"], {row["name"]: row for row in rows(raw, "attributes") if isinstance(row, dict) and "name" in row}
    yield from shapes.misshapen(money, shapes.MONEY, ("money",))
    for part, fitting in (("amount", ("decimal", "integer")), ("currency", ("currency",))):
        if isinstance(money.get(part), str):
            yield from unknown(money[part], known, ("money", part))
            kind = kinds.get(money[part], {}).get("kind")
            if kind is not None and kind not in fitting:
                yield Finding(("money", part), f"names {money[part]!r}, which is {kind}", f"It takes: {' or '.join(fitting)}.")
    yield from _open_when(table(money, "open_when"), kinds, known) if "open_when" in money else ()
    yield from _reporting(table(money, "reporting")) if "reporting" in money else ()


def _open_when(when: dict[Any, Any], kinds: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    place: Place = ("money", "open_when")
    yield from shapes.misshapen(when, shapes.OPEN_WHEN, place)
    if isinstance(when.get("attribute"), str):
        yield from unknown(when["attribute"], known, (*place, "attribute"))
        declared = rows(kinds.get(when["attribute"], {}), "values")
        for value in rows(when, "values"):
            if declared and value not in declared:
                yield Finding((*place, "values"), f"names {value!r}, which {when['attribute']} never is")


def _reporting(reporting: dict[Any, Any]) -> Iterator[Finding]:
    place: Place = ("money", "reporting")
    yield from shapes.misshapen(reporting, shapes.REPORTING, place)
    for code, rate in table(reporting, "rates").items():
        if complaint := shapes.CURRENCY(code) or shapes.rate(rate):
            yield Finding((*place, "rates", str(code)), f"{complaint}: {code!r} is {rate!r}")
