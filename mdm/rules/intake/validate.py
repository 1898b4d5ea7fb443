"""Does a record keep the rules of its domain? What does not is quarantined or marked, as the attribute says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from mdm.errors import Problem
from mdm.rules.governance.domains import Attribute, DomainSpec
from mdm.rules.values import is_empty


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one record.

    `attributes`: those of the domain, empty ones left out. `invalid`: attributes whose value is kept but gives way to
    a valid one. `quarantine`: problems that keep the record out. `warnings`: problems that do not.
    """

    attributes: dict[str, Any]
    invalid: frozenset[str] = frozenset()
    quarantine: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One value under one validator; `argument` is what stands after the colon."""

    attribute: Attribute
    value: str
    argument: str
    attributes: Mapping[str, Any]
    today: date


def validate(
    spec: DomainSpec, attributes: Mapping[str, Any], cleaned_problems: Iterable[Problem] = (), *, today: date
) -> Verdict:
    """Check mapped and cleaned attributes against the domain.

    `cleaned_problems`: what mapping and cleaning found, `field` naming the attribute; a problem elsewhere (a
    relation) quarantines. A wrong check digit quarantines where the attribute declares `check_digit`, and warns elsewhere.
    """
    filled = {name: attributes[name] for name in spec.attribute_names if not is_empty(attributes.get(name))}
    found = list(cleaned_problems)
    reported = {problem["field"] for problem in found}
    for attribute in spec.attributes:
        if attribute.name not in reported:
            found += _attribute(attribute, filled, spec, today)
    found += _required_relations(spec, attributes, reported)
    severe = [problem for problem in found if _is_severe(spec, problem)]
    mild = [problem for problem in found if not _is_severe(spec, problem)]
    invalid = frozenset(problem["field"] for problem in found) & filled.keys()
    return Verdict(filled, invalid, tuple(severe), tuple(mild))


def _is_severe(spec: DomainSpec, problem: Problem) -> bool:
    if problem["field"] not in spec.attribute_names or problem["code"] == "missing":
        return True
    attribute = spec.attribute(problem["field"])
    if problem["code"] == "check_digit":
        return "check_digit" in attribute.validators
    return attribute.on_problem == "quarantine"


def _attribute(attribute: Attribute, filled: Mapping[str, Any], spec: DomainSpec, today: date) -> Iterator[Problem]:
    if attribute.name not in filled:
        if attribute.is_required:
            yield _missing(attribute.name, attribute.title, spec)
        return
    value = filled[attribute.name]
    if isinstance(value, list) != attribute.is_multi:
        expected = "a list of values" if attribute.is_multi else "one value"
        yield _problem("wrong_type", attribute, str(value), f"is not {expected}", remedy=f"Send {expected}.")
        return
    for item in value if isinstance(value, list) else [value]:
        yield from _item(attribute, str(item), filled, today)


def _item(attribute: Attribute, value: str, filled: Mapping[str, Any], today: date) -> Iterator[Problem]:
    if len(value) > attribute.max_length:
        said = f"has {len(value)} characters, {attribute.max_length} are allowed"
        yield _problem("too_long", attribute, value, said, remedy="Shorten it.")
    if attribute.values and value not in attribute.values:
        listed = ", ".join(attribute.values)
        yield _problem("not_in_list", attribute, value, "is not in the reference list", remedy=f"Use one of: {listed}.")
    for validator in attribute.validators:
        name, _, argument = validator.partition(":")
        yield from VALIDATORS[name](_Case(attribute, value, argument, filled, today))


def _required_relations(spec: DomainSpec, attributes: Mapping[str, Any], reported: set[str]) -> Iterator[Problem]:
    for relation in spec.relations:
        if relation.is_required and relation.name not in reported and is_empty(attributes.get(relation.name)):
            yield _missing(relation.name, relation.title, spec)


def _missing(field: str, title: str, spec: DomainSpec) -> Problem:
    return Problem(
        code="missing",
        field=field,
        message=f"{title} is missing; every {spec.title.lower()} needs one.",
        remedy=f"Give {field} in the source, or edit it here, and resubmit.",
    )


def _not_future(case: _Case) -> Iterator[Problem]:
    day = _day(case.value)
    if day is None:
        yield _not_a_date(case)
    elif day > case.today:
        yield _problem("future_date", case.attribute, case.value, "lies in the future", remedy="Correct the date in the source.")


def _after(case: _Case) -> Iterator[Problem]:
    day, other = _day(case.value), _day(case.attributes.get(case.argument))
    if day is None:
        yield _not_a_date(case)
    elif other is not None and day < other:
        said = f"is before {case.argument} ({other.isoformat()})"
        yield _problem("wrong_order", case.attribute, case.value, said, remedy="Correct one of the two dates.")


def _positive(case: _Case) -> Iterator[Problem]:
    yield from _number(case, lambda number: number > 0, "is not above 0")


def _not_negative(case: _Case) -> Iterator[Problem]:
    yield from _number(case, lambda number: number >= 0, "is below 0")


def _number(case: _Case, is_right: Callable[[Decimal], bool], complaint: str) -> Iterator[Problem]:
    try:
        number = Decimal(case.value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        yield _problem("not_a_number", case.attribute, case.value, "is not a number", remedy="Write it like 1234.50.")
    elif not is_right(number):
        yield _problem("out_of_range", case.attribute, case.value, complaint, remedy="Correct the amount in the source.")


def _check_digit(case: _Case) -> Iterator[Problem]:
    """Checked where the value is cleaned, which knows the schemes; declaring it decides how hard that counts."""
    return iter(())


VALIDATORS: Mapping[str, Callable[[_Case], Iterator[Problem]]] = {
    "not_future": _not_future,
    "after": _after,
    "positive": _positive,
    "not_negative": _not_negative,
    "check_digit": _check_digit,
}


def _day(value: Any) -> date | None:
    """The day of an ISO date or moment, None when it is neither."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _not_a_date(case: _Case) -> Problem:
    return _problem("not_a_date", case.attribute, case.value, "is not a date", remedy="Write it like 2026-01-31.")


def _problem(code: str, attribute: Attribute, value: str, said: str, *, remedy: str) -> Problem:
    shown = value if len(value) <= 80 else f"{value[:79]}…"
    message = f"{attribute.title} “{shown}” {said}."
    return Problem(code=code, field=attribute.name, value=value, message=message, remedy=remedy)
