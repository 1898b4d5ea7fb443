"""The shape of a domain declaration as tables: which keys, which kind of value, which are a must."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mdm.rules.golden.trust import DECAYS
from mdm.rules.governance.domain_files import Finding, Place

KINDS = (
    "text", "organisation_name", "person_name", "country", "phone", "email", "web_domain", "postcode", "city", "address",
    "tax_id", "lei", "duns", "registration_no", "currency", "date", "integer", "decimal", "boolean", "code",
)  # fmt: skip
SENSITIVITIES = ("public", "internal", "personal", "restricted")
PLAIN_VALIDATORS = ("not_future", "positive", "not_negative", "check_digit")
OWNERSHIP = ("owner", "contributor", "reader")
CLOCKS = ("review", "quarantine", "drift")

LEAST_DAYS = 30
"""Younger history is never removed: people still undo, compare and ask."""

Check = Callable[[object], str]  # what is wrong with the value, "" when nothing


def text(value: object) -> str:
    return "" if isinstance(value, str) and value.strip() else "must be text"


def flag(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def whole(value: object) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) and value > 0 else "must be a whole number above 0"


def count(value: object) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else "must be a whole number, 0 or more"


def days_or_null(value: object) -> str:
    is_long = not whole(value) and value >= LEAST_DAYS  # type: ignore[operator]
    return "" if value is None or is_long else f"must be a whole number of days, at least {LEAST_DAYS}, or null for ever"


def texts(value: object) -> str:
    return "" if isinstance(value, list) and not any(text(item) for item in value) else "must be a list of texts"


def rate(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_written = isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value)
    good = (is_number and value > 0) or (is_written and float(str(value)) > 0)  # type: ignore[operator]
    return "" if good else "must be a number above 0"


def probability(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if value is None or (is_number and 0 < value <= 1) else "must be a probability above 0 and at most 1, or null"  # type: ignore[operator]


def between(least: float, most: float) -> Check:
    """A check for a number from `least` to `most`, both included."""

    def check(value: object) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if is_number and least <= value <= most else f"must be a number from {least} to {most}"  # type: ignore[operator]

    return check


def rows(value: object) -> str:
    return "" if isinstance(value, list) else "must be a list"


def table(value: object) -> str:
    return "" if isinstance(value, dict) else "must be a table of names and values"


def one_of(*choices: object) -> Check:
    named = ", ".join(map(str, choices))
    return lambda value: (
        "" if any(value == choice and type(value) is type(choice) for choice in choices) else f"must be one of {named}"
    )


def like(pattern: str, sense: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: "" if isinstance(value, str) and compiled.fullmatch(value) else f"must be {sense}"


def text_or_null(value: object) -> str:
    return "" if value is None else text(value)


def model(value: object) -> str:
    return "" if isinstance(value, dict) or not text(value) else "must be the name of a shipped match model, or a model"


NAME = like(r"[a-z][a-z0-9_]{0,59}", "a name of small letters, digits and _, at most 60 characters")
PREFIX = like(r"[A-Z]{2,5}", "2 to 5 capital letters")
CURRENCY = like(r"[A-Z]{3}", "a currency code of three capital letters")


@dataclass(frozen=True, slots=True)
class Shape:
    """Which keys a table may have, how each value is checked, and which must be there."""

    checks: Mapping[str, Check]
    required: frozenset[str] = frozenset()


DOMAIN = Shape(
    {
        "name": NAME,
        "title": text,
        "title_plural": text,
        "prefix": PREFIX,
        "label": text,
        "search": texts,
        "criticality": one_of(1, 2, 3),
        "heal": one_of("push", "queue"),
        "unowned_change": one_of("ranked", "ignored", "request"),
        "sla_hours": table,
        "attributes": rows,
        "relations": rows,
        "match": table,
        "survivorship": rows,
        "ownership": table,
        "region": table,
        "money": table,
        "trust": table,
        "retention": table,
        "release_limits": table,
        "quality": rows,
    },
    frozenset({"name", "title", "title_plural", "prefix", "label", "attributes", "match"}),
)
ATTRIBUTE = Shape(
    {
        "name": NAME,
        "title": text,
        "kind": one_of(*KINDS),
        "is_required": flag,
        "max_length": whole,
        "values": texts,
        "validators": texts,
        "on_problem": one_of("quarantine", "warn"),
        "sensitivity": one_of(*SENSITIVITIES),
        "is_multi": flag,
        "country_from": text_or_null,
        "keeps_empty": flag,
    },
    frozenset({"name", "title", "kind"}),
)
RELATION = Shape(
    {
        "name": NAME,
        "title": text,
        "domain": NAME,
        "is_hierarchy": flag,
        "is_required": flag,
        "kind": NAME,
        "since": text,
        "until": text,
        "is_scoped": flag,
    },
    frozenset({"name", "title", "domain"}),
)
MATCH = Shape(
    {"model": model, "attributes": table, "auto": probability, "review": probability},
    frozenset({"model", "attributes"}),
)
MONEY = Shape(
    {"title": text, "amount": text, "currency": text, "open_when": table, "reporting": table},
    frozenset({"title", "amount", "currency"}),
)
OPEN_WHEN = Shape({"attribute": text, "values": texts}, frozenset({"attribute", "values"}))
REPORTING = Shape({"currency": CURRENCY, "rates": table}, frozenset({"currency", "rates"}))
SURVIVE = Shape({"attributes": texts, "strategies": rows, "when": table}, frozenset({"attributes", "strategies"}))
WHEN = Shape({"attribute": text, "values": rows}, frozenset({"attribute", "values"}))
TRUST = Shape({"weights": table, "downgrade": between(0, 1)}, frozenset({"weights"}))
WEIGHT = Shape({"start": between(0, 100), "decay": one_of(*DECAYS), "days": whole, "end": between(0, 100)}, frozenset({"start"}))
RETENTION = Shape({"golden_days": days_or_null, "source_days": days_or_null})
RELEASE_LIMITS = Shape({"goldens": between(0, 1), "ids": between(0, 1), "decisions": count, "tasks": count})
REGION = Shape({"attribute": text, "mapping": table, "default": text}, frozenset({"attribute", "mapping", "default"}))


def misshapen(raw: object, shape: Shape, place: Place) -> Iterator[Finding]:
    """Every unknown, missing or wrong value of one table."""
    if not isinstance(raw, dict):
        yield Finding(place, "must be a table of names and values", f"It may have: {', '.join(shape.checks)}.")
        return
    for key in sorted(shape.required - raw.keys()):
        yield Finding(place, f"has no {key!r}", f"Add {key}.")
    for key, value in raw.items():
        if key not in shape.checks:
            yield Finding((*place, str(key)), f"is not a known setting: {key!r}", f"Known are: {', '.join(shape.checks)}.")
        elif complaint := shape.checks[key](value):
            yield Finding((*place, key), f"{complaint}, not {value!r}"[:300])
