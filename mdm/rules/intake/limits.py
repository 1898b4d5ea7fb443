"""What the hub does not take at all: payloads and keys that would harm storage, screens or other systems."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from typing import Any

from mdm.errors import Problem

MAX_BYTES = 1_000_000
MAX_TEXT = 20_000
MAX_DEPTH = 12
MAX_KEYS = 500
MAX_NUMBER_BITS = 1024
MAX_KEY_PART = 255
MAX_STORED_DEPTH = 64
MAX_PROBLEMS = 20
# Control characters, surrogates and line separators. A non-breaking space is odd but harmless.
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
KEY_PARTS = ("system", "object", "native_id")


def check_payload(payload: Any) -> list[Problem]:
    """At most 20 problems of one payload; none means that it can be stored as JSON and shown.

    Never recursive: a payload of any depth is safe to check.
    """
    if not isinstance(payload, dict):
        return [_problem("not_an_object", "", f"The payload is {_kind(payload)}, not an object.", "Send {name: value, …}.")]
    problems: list[Problem] = []
    size = keys = 0
    waiting: list[tuple[str, Any, int]] = [("", payload, 1)]
    while waiting and len(problems) < MAX_PROBLEMS and size <= MAX_BYTES and keys <= MAX_KEYS:
        path, value, depth = waiting.pop()
        size += _size(value)
        problems += _value(path, value)
        if isinstance(value, dict | list) and depth > MAX_DEPTH:
            problems.append(_problem("too_deep", path, f"{path} is nested deeper than {MAX_DEPTH} levels.", "Send it flatter."))
        elif isinstance(value, dict):
            keys += len(value)
            problems += [problem for key in value for problem in _key(path, key)]
            waiting += [(f"{path}.{key}" if path else str(key), inner, depth + 1) for key, inner in value.items()]
            size += sum(_size(key) for key in value)
        elif isinstance(value, list):
            waiting += [(f"{path}.{position}", inner, depth + 1) for position, inner in enumerate(value)]
    return [*problems[:MAX_PROBLEMS], *_totals(size, keys)]


def check_key(system: Any, object: Any, scope: Any, native_id: Any) -> list[Problem]:
    """What is wrong with a source key; only `scope` may be empty."""
    parts = {"system": system, "object": object, "scope": scope, "native_id": native_id}
    return [problem for name, value in parts.items() for problem in _key_part(name, value)]


def storable(value: Any) -> Any:
    """Any Python value as JSON that PostgreSQL stores, so that even the worst input can wait in quarantine.

    NUL becomes ␀, a lone surrogate its escape, a number JSON does not know its text, and what is nested deeper than 64
    levels the first 1,000 characters of its Python text.
    """
    return _storable(value, MAX_STORED_DEPTH)


def _storable(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _shown(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int):
        # In hexadecimal: Python refuses to write very long numbers in decimal.
        return value if value.bit_length() <= MAX_NUMBER_BITS else hex(value)
    if not isinstance(value, dict | list | tuple):
        return _shown(str(value))
    if depth == 0:
        return _nested_text(value)
    if isinstance(value, dict):
        return {_shown(str(key)): _storable(inner, depth - 1) for key, inner in value.items()}
    return [_storable(inner, depth - 1) for inner in value]


def _nested_text(value: Any) -> str:
    try:
        return _shown(repr(value)[:1_000])
    except RecursionError:
        return "[nested too deeply to be shown]"


def _key_part(name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _problem("wrong_type", name, f"{name} is {_kind(value)}, not text.", f"Send {name} as text.")
    elif not value.strip() and name in KEY_PARTS:
        yield _problem("missing", name, f"{name} is empty.", f"Send {name}.")
    elif len(value) > MAX_KEY_PART:
        yield _problem(
            "too_long", name, f"{name} has {len(value)} characters, {MAX_KEY_PART} are allowed.", "Shorten it.", value=value
        )
    elif any(unicodedata.category(character) in _CONTROL for character in value):
        yield _problem("control_character", name, f"{name} holds a control character.", "Remove it.", value=value)


def _value(path: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _text(path, value)
    elif isinstance(value, float) and not math.isfinite(value):
        yield _problem("not_finite", path, f"{path} is {value}, which JSON does not know.", "Send a number or null.")
    elif isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS:
        yield _problem("too_long", path, f"{path} is a number of more than 300 digits.", "Send it as text, shorter.")
    elif value is not None and not isinstance(value, int | float | dict | list):
        yield _problem("wrong_type", path, f"{path} is {_kind(value)}, which JSON does not know.", "Send text.")


def _text(path: str, value: str) -> Iterator[Problem]:
    if "\x00" in value:
        yield _problem("nul_byte", path, f"{path} holds a NUL byte.", "Remove the byte.", value=value)
    if len(value) > MAX_TEXT:
        yield _problem(
            "too_long", path, f"{path} has {len(value):,} characters, {MAX_TEXT:,} are allowed.", "Shorten it.", value=value
        )
    if not _is_encodable(value):
        yield _problem("invalid_utf8", path, f"{path} is not valid Unicode text.", "Send UTF-8.", value=value)


def _key(path: str, key: Any) -> Iterator[Problem]:
    if not isinstance(key, str):
        yield _problem("wrong_type", path, f"A name in {path or 'the payload'} is {_kind(key)}, not text.", "Send names as text.")
    elif "\x00" in key or len(key) > MAX_KEY_PART or not _is_encodable(key):
        yield _problem("bad_name", path, f"A name in {path or 'the payload'} is no usable text.", "Mend the name.", value=key)


def _totals(size: int, keys: int) -> Iterator[Problem]:
    if size > MAX_BYTES:
        yield _problem("too_large", "", "The payload is larger than 1 MB.", "Send only the fields that are mapped.")
    if keys > MAX_KEYS:
        yield _problem(
            "too_many_keys", "", f"The payload has more than {MAX_KEYS} names.", "Send only the fields that are mapped."
        )


def _size(value: Any) -> int:
    """Bytes in JSON, near enough: quotes and separators counted, escapes not."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass")) + 3
    return 2 if isinstance(value, dict | list) else 6


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        type(None): "null",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), type(value).__name__)


def _problem(code: str, field: str, message: str, remedy: str, *, value: str = "") -> Problem:
    return Problem(code=code, field=_shown(field), value=_shown(value[:100]), message=_shown(message), remedy=remedy)


def _shown(text: str) -> str:
    """A text that can be stored and shown, whatever the input was: no NUL, no lone surrogate."""
    return text.replace("\x00", "␀").encode("utf-8", "backslashreplace").decode()
