"""Turns a WHERE tree into SQL over the twin's own table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from connectors.twins.errors import Refused
from connectors.twins.language import Comparison, Condition, Order, Term, Word

Sql = tuple[str, list[Any]]


class Dialect(Protocol):
    """What a vendor's query language makes of columns and values."""

    folds_case: bool
    unequal_finds_null: bool

    def column(self, term: Term) -> Sql:
        """The SQL expression of a term on the left side."""
        ...

    def value(self, term: Term, left: Term) -> Any:
        """The parameter that a term on the right side stands for; None is null."""
        ...


def where(condition: Condition, dialect: Dialect) -> Sql:
    """The condition as SQL with its parameters."""
    if isinstance(condition, Comparison):
        return _comparison(condition, dialect)
    if condition.joined_by == "not":
        inner, parameters = where(condition.parts[0], dialect)
        return f"NOT ({inner})", parameters
    parts = [where(part, dialect) for part in condition.parts]
    return f" {condition.joined_by.upper()} ".join(f"({sql})" for sql, _ in parts), [p for _, found in parts for p in found]


def order(orders: Sequence[Order], dialect: Dialect) -> Sql:
    """The ORDER BY list as SQL; without one, by id."""
    if not orders:
        return "id", []
    parts = [(dialect.column(one.term), one.is_descending) for one in orders]
    sql = ", ".join(f"{column}{' DESC' if is_descending else ''}" for (column, _), is_descending in parts)
    return sql, [p for (_, found), _ in parts for p in found]


def _comparison(comparison: Comparison, dialect: Dialect) -> Sql:
    column, parameters = dialect.column(comparison.left)
    if comparison.operator == "null":
        return f"{column} IS NULL", parameters
    values = [dialect.value(term, comparison.left) for term in comparison.right]
    collate = " COLLATE NOCASE" if dialect.folds_case and any(isinstance(value, str) for value in values) else ""
    if comparison.operator == "in":
        return f"{column}{collate} IN ({', '.join('?' * len(values))})", parameters + values
    if comparison.operator == "like":
        return f"{column} LIKE ? ESCAPE '\\'", parameters + values
    if values[0] is None:
        return _with_null(column, comparison.operator), parameters
    sql = f"{column} {comparison.operator} ?{collate}"
    if comparison.operator == "!=" and dialect.unequal_finds_null:
        return f"({sql} OR {column} IS NULL)", parameters + values + parameters
    return sql, parameters + values


def _with_null(column: str, operator: str) -> str:
    if operator not in {"=", "!="}:
        raise Refused("bad_query", f"null cannot be compared by {operator}")
    return f"{column} IS {'NOT ' if operator == '!=' else ''}NULL"


def is_null_word(term: Term) -> bool:
    """Whether the term is the keyword null."""
    return isinstance(term, Word) and term.name.lower() == "null"
