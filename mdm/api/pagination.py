"""Keyset pages: an opaque signed cursor instead of a page number."""

from __future__ import annotations

from django.core import signing

from mdm.errors import BadInput

SALT = "concord.cursor"


def cursor_of(position: int) -> str:
    """An opaque cursor for a position."""
    return signing.dumps(position, salt=SALT)


def position_of(cursor: str) -> int:
    """The position of a cursor, 0 for none.

    Raises:
        BadInput: it is no cursor of ours.
    """
    if not cursor:
        return 0
    try:
        return int(signing.loads(cursor, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadInput("This cursor is none of ours; start again without it.") from error


def whole_number(text: str | None, *, name: str, default: int, least: int, most: int) -> int:
    """A query parameter that is a whole number.

    Raises:
        BadInput: it is no number, or outside `least`..`most`.
    """
    if text in (None, ""):
        return default
    try:
        number = int(str(text))
    except ValueError as error:
        raise BadInput(f"{name}={str(text)[:40]!r} is not a whole number.") from error
    if not least <= number <= most:
        raise BadInput(f"{name}={number} must lie between {least} and {most}.")
    return number
