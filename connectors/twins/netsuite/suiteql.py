"""What SuiteQL words mean on the twin's table.

Dates and times without TO_CHAR come back in the account's own format, here MM/DD/YYYY without the time of day, in the
account's time zone, here UTC. So a reader that needs seconds must ask for them with TO_CHAR, as in a real account.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.twins import conditions
from connectors.twins.errors import Refused
from connectors.twins.language import Call, Column, Literal, Term, Word
from connectors.twins.schema import Field, ObjectType

ACCOUNT_DATE_FORMAT = "%m/%d/%Y"
# Oracle's format elements -> strftime's, longest first.
_ELEMENTS = (("YYYY", "%Y"), ("HH24", "%H"), ("MM", "%m"), ("DD", "%d"), ("MI", "%M"), ("SS", "%S"))


class SuiteQl:
    """Columns and values of one table."""

    folds_case = False
    unequal_finds_null = False

    def __init__(self, kind: ObjectType) -> None:
        self._kind = kind

    def column(self, term: Term) -> conditions.Sql:
        """A column of the table; ids and references compare as numbers."""
        if not isinstance(term, Word):
            raise Refused("bad_query", "Search error occurred: only columns can be compared")
        field = self._kind.field(term.name)
        if field.name == self._kind.id_field:
            return "CAST(id AS INTEGER)", []
        if field.name == self._kind.changed_field:
            return "changed_at", []
        value = "CAST(json_extract(data, ?) AS INTEGER)" if field.type in {"id", "reference"} else "json_extract(data, ?)"
        return value, [f"$.{field.name}"]

    def value(self, term: Term, left: Term) -> Any:
        """Numbers, text in quotes, TO_DATE and TO_TIMESTAMP."""
        field = self._kind.field(left.name) if isinstance(left, Word) else Field("")
        if isinstance(term, Word):
            if conditions.is_null_word(term):
                return None
            raise Refused("bad_query", f"Search error occurred: Unknown identifier '{term.name}'")
        if isinstance(term, Call):
            return self._moment(_read(term), field)
        if field.type in {"date", "datetime"}:
            return self._moment(_parsed(term.text, ACCOUNT_DATE_FORMAT), field)
        return _plain(term, field)

    def _moment(self, at: datetime, field: Field) -> str:
        if field.name == self._kind.changed_field:
            return at.isoformat()
        return at.strftime("%Y-%m-%d" if field.type == "date" else "%Y-%m-%dT%H:%M:%SZ")


def name(column: Column, place: int) -> str:
    """The key of a column in the answer, in small letters."""
    return (column.alias or f"expr{place}").lower()


def shown(column: Column, kind: ObjectType, row: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> Any:
    """The value of a column; `names`: field -> id -> display name, for BUILTIN.DF."""
    term = column.term
    if isinstance(term, Word):
        return _as_text(kind.field(term.name), row)
    if not isinstance(term, Call) or not term.arguments or not isinstance(term.arguments[0], Word):
        raise Refused("bad_query", "Search error occurred: only columns, BUILTIN.DF and TO_CHAR can be selected")
    field = kind.field(term.arguments[0].name)
    value = row.get(field.name)
    if value is None:
        return None
    if term.name == "BUILTIN.DF":
        return names.get(field.name, {}).get(value) or (field.choices or {}).get(value) or _as_text(field, row)
    if term.name == "TO_CHAR" and len(term.arguments) == 2 and isinstance(term.arguments[1], Literal):
        return datetime.fromisoformat(value).strftime(_format(term.arguments[1].text))
    raise Refused("bad_query", f"Search error occurred: Invalid function {term.name}")


def named_fields(columns: tuple[Column, ...], kind: ObjectType) -> list[Field]:
    """The reference fields whose names are asked for by BUILTIN.DF."""
    asked = [
        c.term.arguments[0] for c in columns if isinstance(c.term, Call) and c.term.name == "BUILTIN.DF" and c.term.arguments
    ]
    fields = [kind.field(term.name) for term in asked if isinstance(term, Word)]
    return [field for field in fields if field.type == "reference"]


def _as_text(field: Field, row: Mapping[str, Any]) -> Any:
    value = row.get(field.name)
    if value is None:
        return None
    if field.type == "flag":
        return "T" if value else "F"
    if field.type in {"date", "datetime"}:
        return datetime.fromisoformat(value).strftime(ACCOUNT_DATE_FORMAT)
    return str(value)


def _read(call: Call) -> datetime:
    if call.name not in {"TO_DATE", "TO_TIMESTAMP"} or len(call.arguments) != 2:
        raise Refused("bad_query", f"Search error occurred: Invalid function {call.name}")
    text, form = call.arguments
    if not isinstance(text, Literal) or not isinstance(form, Literal):
        raise Refused("bad_query", f"Search error occurred: {call.name} takes two texts")
    return _parsed(text.text, _format(form.text))


def _parsed(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused("bad_query", f"Search error occurred: Unparseable date '{text}'") from error


def _format(oracle: str) -> str:
    for element, ours in _ELEMENTS:
        oracle = oracle.replace(element, ours)
    return oracle


def _plain(literal: Literal, field: Field) -> Any:
    if field.type == "flag":
        return literal.text == "T"
    if field.type in {"id", "reference"} or literal.kind == "number":
        try:
            return float(literal.text)
        except ValueError as error:
            raise Refused("bad_query", f"Search error occurred: Invalid number '{literal.text}'") from error
    return literal.text
