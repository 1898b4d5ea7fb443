"""Checks the rows of a mapping as they are written in a file, all problems together, and reads one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from mdm.errors import Problem
from mdm.rules.intake.codecs import CODECS, Row, is_date_format, remote_word

CODEC_NAMES = (*CODECS, "ref", "const")
DATE_CODECS = ("date", "datetime")
_TEXTS = ("codec", "format", "object", "value", "via")
_FLAGS = ("write", "multi")
_OPTIONS = (*_TEXTS, *_FLAGS, "map")


def row_problems(rows: object, *, relations: Collection[str], attributes: Collection[str] | None) -> Iterator[Problem]:
    """What is wrong with the rows, by position from 1."""
    if not isinstance(rows, list | tuple):
        yield _problem(0, "the mapping must be a list of rows [attribute, path, {options}]")
        return
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        for complaint in _row(row, relations, attributes):
            yield _problem(number, complaint)
        name = row[0] if isinstance(row, list | tuple) and row and isinstance(row[0], str) else None
        if name in seen:
            yield _problem(number, f"{name!r} is mapped a second time")
        elif name is not None:
            seen.add(name)


def read_row(row: Sequence[Any]) -> Row:
    """One checked row. The map's remote words are kept as text, as JSON keeps them."""
    attribute, path, options = row[0], row[1], dict(row[2]) if len(row) == 3 else {}
    if "map" in options:
        options["map"] = {remote_word(remote): ours for remote, ours in options["map"].items()}
    if options.get("codec") == "const":
        # Nothing to write back, and without a value of its own the path is the constant.
        options = {"value": path} | options | {"write": False}
    if "via" in options:
        options["write"] = False
    return Row(attribute, path, **options)


def _problem(number: int, message: str) -> Problem:
    where = f"row {number}: " if number else ""
    return Problem(code="mapping", field=str(number), message=f"{where}{message}.", remedy="Mend the mapping.")


def _row(row: object, relations: Collection[str], attributes: Collection[str] | None) -> Iterator[str]:
    if not isinstance(row, list | tuple) or len(row) not in {2, 3}:
        yield "must be [attribute, path] or [attribute, path, {options}]"
        return
    attribute, path, options = row[0], row[1], row[2] if len(row) == 3 else {}
    if not isinstance(attribute, str) or not isinstance(path, str) or not attribute or not path:
        yield "attribute and path must be text"
        return
    if not isinstance(options, dict):
        yield f"the options of {attribute!r} must be a table"
        return
    if attributes is not None and attribute not in {*attributes, *relations}:
        yield f"{attribute!r} is no attribute or relation of this domain"
    yield from _options(attribute, options)
    yield from _codec(attribute, options, is_relation=attribute in relations)
    yield from _via(attribute, options.get("via"), relations)


def _via(attribute: str, via: Any, relations: Collection[str]) -> Iterator[str]:
    relation, dot, theirs = via.partition(".") if isinstance(via, str) else ("", "", "")
    if isinstance(via, str) and (relation not in relations or not dot or not theirs):
        yield f"option via of {attribute!r} must be relation.attribute, the relation being one of the domain's"


def _options(attribute: str, options: dict[Any, Any]) -> Iterator[str]:
    for option, value in options.items():
        if option not in _OPTIONS:
            yield f"{attribute!r} has the unknown option {option!r}; known are {', '.join(_OPTIONS)}"
        elif option in _TEXTS and not isinstance(value, str):
            yield f"option {option} of {attribute!r} must be text"
        elif option in _FLAGS and not isinstance(value, bool):
            yield f"option {option} of {attribute!r} must be true or false"


def _codec(attribute: str, options: dict[Any, Any], *, is_relation: bool) -> Iterator[str]:
    codec = options.get("codec", "text")
    if codec not in CODEC_NAMES:
        yield f"{attribute!r} has the unknown codec {codec!r}; known are {', '.join(CODEC_NAMES)}"
    if (codec == "ref") != is_relation:
        yield (
            f"{attribute!r} is a relation: use {{codec: ref}}"
            if is_relation
            else f"{attribute!r} is no relation: ref does not fit"
        )
    if codec == "ref" and not options.get("object"):
        yield f"{attribute!r} needs the option object: which of the system's objects it names"
    if codec in DATE_CODECS and isinstance(options.get("format"), str) and not is_date_format(options["format"]):
        yield f"{options['format']!r} is no date format for {attribute!r}; use iso, epoch_ms, or one like DD/MM/YYYY"
    words = options.get("map")
    if codec == "enum" and not words:
        yield f"{attribute!r} needs the option map: {{remote word: our word}}"
    if words is not None and not _is_map(words):
        yield f"option map of {attribute!r} must be a table of remote words and our words"


def _is_map(words: object) -> bool:
    return isinstance(words, dict) and all(
        isinstance(ours, str) and isinstance(remote, str | int | float) for remote, ours in words.items()
    )
