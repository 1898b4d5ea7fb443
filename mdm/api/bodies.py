"""What a request's body says, member by member; what is wrong with one names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from mdm.errors import BadInput


def members(request: Request) -> Mapping[str, Any]:
    """The members of a body that is an object; none of any other."""
    return request.data if isinstance(request.data, Mapping) else {}


def text(said: Mapping[str, Any], name: str, *, most: int) -> str:
    """A text of at most `most` characters that can be kept, "" where the member is missing.

    Raises:
        BadInput: it is something else.
    """
    value = said.get(name, "")
    if not isinstance(value, str) or len(value) > most or "\x00" in value or (not value.isascii() and _is_broken(value)):
        raise BadInput(f"{name} must be text of at most {most} characters, in UTF-8 and without NUL.")
    return value


def flag(said: Mapping[str, Any], name: str) -> bool:
    """True or false, false where the member is missing.

    Raises:
        BadInput: it is neither.
    """
    value = said.get(name, False)
    if not isinstance(value, bool):
        raise BadInput(f"{name} must be true or false.")
    return value


def _is_broken(value: str) -> bool:
    """Whether the text holds halves of characters, which bytes that were no UTF-8 became."""
    return any("\ud800" <= letter <= "\udfff" for letter in value)
