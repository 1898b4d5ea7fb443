"""The part of SQL that SOQL and SuiteQL share: reading a query into a tree. What the words mean is each twin's business."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from connectors.twins.errors import Refused

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<moment>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))?(?![\w]))"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<text>'(?:[^'\\]|\\.|'')*')"
    r"|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),*])"
    r")"
)
_COMPARISONS = {"=", "!=", "<>", "<", "<=", ">", ">="}


@dataclass(frozen=True, slots=True)
class Word:
    """A column, or a keyword such as null or true."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. `kind`: text, number or moment (a date or time without quotes)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Term, ...]


Term: TypeAlias = "Word | Literal | Call"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right…`; operator is one of = != < <= > >= in like null (with no right side)."""

    left: Term
    operator: str
    right: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by `and` or `or`; `not` holds exactly one."""

    joined_by: str
    parts: tuple[Condition, ...]


Condition: TypeAlias = "Comparison | Group"
_Part: TypeAlias = Callable[[], "Comparison | Group"]


@dataclass(frozen=True, slots=True)
class Column:
    """One item of the SELECT list and the name it goes by."""

    term: Term
    alias: str


@dataclass(frozen=True, slots=True)
class Order:
    """One item of the ORDER BY list."""

    term: Term
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; `where` None means all rows, `limit` None no limit."""

    columns: tuple[Column, ...]
    table: str
    where: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        Refused: with code bad_query, naming the place.
    """
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise Refused("bad_query", f"unexpected token: '{text[at : at + 20]}'")
            self._tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
            at = found.end()
        self._at = 0

    def query(self) -> Query:
        self._expect("select")
        columns = [self._column()]
        while self._taken(","):
            columns.append(self._column())
        self._expect("from")
        table = self._word()
        where = self._condition() if self._taken("where") else None
        order = self._order() if self._taken("order") else ()
        limit = self._count() if self._taken("limit") else None
        offset = self._count() if self._taken("offset") else 0
        if self._at < len(self._tokens):
            raise Refused("bad_query", f"unexpected token: '{self._tokens[self._at][1]}'")
        return Query(tuple(columns), table, where, order, limit, offset)

    def _column(self) -> Column:
        term = self._term()
        if self._taken("as"):
            return Column(term, self._word())
        return Column(term, term.name if isinstance(term, Word) else "")

    def _order(self) -> tuple[Order, ...]:
        self._expect("by")
        found = [self._ordered()]
        while self._taken(","):
            found.append(self._ordered())
        return tuple(found)

    def _ordered(self) -> Order:
        term, is_descending = self._term(), self._taken("desc")
        if not is_descending:
            self._taken("asc")
        if self._taken("nulls"):
            self._word()
        return Order(term, is_descending)

    def _condition(self) -> Condition:
        return self._joined("or", lambda: self._joined("and", self._single))

    def _joined(self, word: str, part: _Part) -> Condition:
        parts = [part()]
        while self._taken(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Group(word, tuple(parts))

    def _single(self) -> Condition:
        if self._taken("not"):
            return Group("not", (self._single(),))
        if self._taken("("):
            inner = self._condition()
            self._expect(")")
            return inner
        left = self._term()
        is_turned = self._taken("not")
        comparison = self._compared(left)
        return Group("not", (comparison,)) if is_turned else comparison

    def _compared(self, left: Term) -> Condition:
        if self._taken("in"):
            return Comparison(left, "in", self._list())
        if self._taken("like"):
            return Comparison(left, "like", (self._term(),))
        if self._taken("is"):
            is_turned = self._taken("not")
            self._expect("null")
            null = Comparison(left, "null", ())
            return Group("not", (null,)) if is_turned else null
        kind, operator = self._next()
        if kind != "sign" or operator not in _COMPARISONS:
            raise Refused("bad_query", f"unexpected token: '{operator}'")
        return Comparison(left, "!=" if operator == "<>" else operator, (self._term(),))

    def _list(self) -> tuple[Term, ...]:
        self._expect("(")
        found = [self._term()]
        while self._taken(","):
            found.append(self._term())
        self._expect(")")
        return tuple(found)

    def _term(self) -> Term:
        kind, text = self._next()
        if kind == "text":
            return Literal("text", re.sub(r"\\(.)|'(')", lambda m: m.group(1) or m.group(2), text[1:-1]))
        if kind in {"number", "moment"}:
            return Literal(kind, text)
        if text == "*":
            return Word("*")
        if kind != "word":
            raise Refused("bad_query", f"unexpected token: '{text}'")
        if not self._taken("("):
            return Word(text)
        arguments: list[Term] = []
        while not self._taken(")"):
            arguments.append(self._term())
            self._taken(",")
        return Call(text.upper(), tuple(arguments))

    def _word(self) -> str:
        kind, text = self._next()
        if kind != "word":
            raise Refused("bad_query", f"unexpected token: '{text}'")
        return text

    def _count(self) -> int:
        kind, text = self._next()
        if kind != "number" or not text.isdigit():
            raise Refused("bad_query", f"unexpected token: '{text}'")
        return int(text)

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise Refused("bad_query", "unexpected token: '<EOF>'")
        self._at += 1
        return self._tokens[self._at - 1]

    def _taken(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][0] != "text" and self._tokens[self._at][1].lower() == word:
            self._at += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._taken(word):
            found = self._tokens[self._at][1] if self._at < len(self._tokens) else "<EOF>"
            raise Refused("bad_query", f"expecting {word!r}, found '{found}'")
