"""What SOQL words mean on the twin's table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.twins import conditions, language
from connectors.twins.errors import Refused
from connectors.twins.language import Call, Column, Literal, Query, Term, Word
from connectors.twins.schema import Field, ObjectType

_FLAGS = {"true": True, "false": False}


class Soql:
    """Columns and values of one object."""

    folds_case = True
    unequal_finds_null = True

    def __init__(self, kind: ObjectType) -> None:
        self._kind = kind

    def column(self, term: Term) -> conditions.Sql:
        """A field of the object itself; paths over a relationship can be selected but not compared here."""
        if not isinstance(term, Word):
            raise Refused("bad_query", "only fields can be compared")
        field = self._kind.field(term.name)
        if field.name == self._kind.id_field:
            return "id", []
        if field.name == self._kind.changed_field:
            return "changed_at", []
        return "json_extract(data, ?)", [f"$.{field.name}"]

    def value(self, term: Term, left: Term) -> Any:
        """Text in quotes, numbers and times without, true, false, null."""
        field = self._kind.field(left.name) if isinstance(left, Word) else None
        if isinstance(term, Word):
            return self._keyword(term)
        if isinstance(term, Call):
            raise Refused("bad_query", f"unknown function {term.name}")
        return _literal(term, field, is_change=field is not None and field.name == self._kind.changed_field)

    @staticmethod
    def _keyword(word: Word) -> bool | None:
        if conditions.is_null_word(word):
            return None
        if word.name.lower() not in _FLAGS:
            raise Refused("bad_query", f"unexpected token: '{word.name}'")
        return _FLAGS[word.name.lower()]


def is_count(query: Query) -> bool:
    """Whether the query is SELECT COUNT()."""
    term = query.columns[0].term
    return isinstance(term, Call) and term.name == "COUNT" and not term.arguments


def paths(query: Query, kind: ObjectType) -> list[tuple[str, ...]]:
    """The selected fields: one name, or a relationship and a field of the parent; checked against the schema.

    Raises:
        Refused: a field does not exist.
    """
    return [_path(column, kind) for column in query.columns]


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        Refused: it is empty or malformed.
    """
    if not text.strip():
        raise Refused("bad_query", "a query is needed in parameter q")
    return language.parse(text)


def _path(column: Column, kind: ObjectType) -> tuple[str, ...]:
    if not isinstance(column.term, Word):
        raise Refused("bad_query", "only fields and COUNT() can be selected")
    relation, dot, name = column.term.name.partition(".")
    if not dot:
        return (kind.field(relation).name,)
    if relation.lower() not in kind.relations:
        raise Refused("unknown_field", f"Didn't understand relationship '{relation}' in field path.", fields=(relation,))
    return (relation, name)


def _literal(literal: Literal, field: Field | None, *, is_change: bool) -> Any:
    is_time = field is not None and field.type == "datetime"
    if is_time != (literal.kind == "moment" and "T" in literal.text):
        raise Refused(
            "unknown_field",
            f"value of filter criterion for field '{field.name if field else ''}' has the wrong type: {literal.text}",
        )
    if is_time:
        at = datetime.fromisoformat(literal.text).astimezone(UTC)
        return at.isoformat() if is_change else at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    if literal.kind == "number":
        return float(literal.text)
    # The wildcards of SOQL and of SQLite's LIKE are the same two, % and _.
    return literal.text
