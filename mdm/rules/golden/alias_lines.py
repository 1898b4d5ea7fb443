"""Lines of an import of aliases: read and checked one by one, without a look at the tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mdm.errors import BadInput, Problem
from mdm.rules.golden import enterprise_id

COLUMNS = ("alias", "enterprise_id", "system", "object", "scope", "native_id")
LONGEST = 255
_ISSUER = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")

Key = tuple[str, str, str, str]
"""(system, object, scope, native id)"""


@dataclass(frozen=True, slots=True)
class Line:
    """One alias, and what it is the name of: an enterprise ID, else the record of a key."""

    number: int
    alias: str
    enterprise_id: str = ""
    key: Key | None = None


def issuer_of(text: str) -> str:
    """The name of an issuer as it is stored; raises BadInput where it is none."""
    found = text.strip().lower()
    if not _ISSUER.fullmatch(found):
        raise BadInput(f"“{text[:60]}” is no name of an issuer: letters, digits, dots, hyphens and underscores, at most 60.")
    return found


def read(number: int, row: Mapping[str, Any] | str, *, system: str = "", object: str = "", scope: str = "") -> Line | Problem:
    """One row of a file, or what is wrong with it. `system`, `object`, `scope`: of rows that do not say them."""
    if isinstance(row, str):
        return problem(number, "unreadable", row, "mend the row")
    said = {name: str(row.get(name, "")).strip() for name in COLUMNS}
    wrong = next((name for name, text in said.items() if len(text) > LONGEST or not text.isprintable()), "")
    if wrong:
        return problem(number, "bad_text", f"{wrong} has more than {LONGEST} characters, or some that cannot be shown", "mend it")
    if not said["alias"]:
        return problem(number, "missing", "the alias is empty", "name it, or leave the row out")
    if bool(said["enterprise_id"]) == bool(said["native_id"]):
        return problem(number, "one_of_two", "it needs either an enterprise_id or a native_id", "give one of the two")
    if said["enterprise_id"]:
        try:
            return Line(number, said["alias"], enterprise_id.parse(said["enterprise_id"]))
        except BadInput as error:
            return problem(number, error.code, error.message.rstrip("."), "compare it with the original")
    key = (said["system"] or system, said["object"] or object, said["scope"] or scope, said["native_id"])
    if not key[0] or not key[1]:
        return problem(number, "missing", "a native_id needs its system and object", "add the columns, or --system and --object")
    return Line(number, said["alias"], key=key)


def problem(number: int, code: str, wrong: str, remedy: str) -> Problem:
    """What is wrong with one line, as a sentence that begins with its number."""
    return Problem(code=code, field=f"line {number}", message=f"line {number}: {wrong}", remedy=remedy)
