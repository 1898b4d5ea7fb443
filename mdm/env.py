"""Reads settings from the environment; a bad value names itself and stops the process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from mdm.errors import BadConfiguration

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"", "0", "false", "no", "off"})


def text(name: str, default: str = "") -> str:
    """The variable as text, `default` when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """The variable as a yes or no.

    Raises:
        BadConfiguration: it is neither.
    """
    value = text(name, "1" if default else "0").lower()
    if value not in TRUE | FALSE:
        raise BadConfiguration(f"{name}={value!r} is neither yes nor no; write 1 or 0.")
    return value in TRUE


def integer(name: str, default: int, *, least: int = 0, most: int = 1_000_000_000) -> int:
    """The variable as a whole number in `least`..`most`.

    Raises:
        BadConfiguration: it is no number, or outside.
    """
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError as error:
        raise BadConfiguration(f"{name}={value!r} is not a whole number.") from error
    if not least <= number <= most:
        raise BadConfiguration(f"{name}={number} must lie between {least} and {most}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """The variable as a list, cut at commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str, default: str = "") -> str:
    """The variable, or the content of the file that NAME_FILE names.

    Raises:
        BadConfiguration: the file cannot be read.
    """
    path = text(f"{name}_FILE")
    if not path:
        return text(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadConfiguration(f"{name}_FILE={path!r} cannot be read: {error.strerror}.") from error


def one_of(name: str, value: str, allowed: str) -> str:
    """`value`, which came from the variable, if it is one of the words in `allowed`.

    Raises:
        BadConfiguration: it is not.
    """
    if value not in allowed.split():
        raise BadConfiguration(f"{name}: {value!r} is not one of {', '.join(allowed.split())}.")
    return value


def conninfo(name: str) -> dict[str, Any]:
    """The variable, a PostgreSQL URL or libpq key=value text, as libpq keywords.

    Raises:
        BadConfiguration: it is neither; the text stays unsaid because it may hold a password.
    """
    try:
        return conninfo_to_dict(secret(name))
    except ProgrammingError as error:
        raise BadConfiguration(
            f"{name} is no PostgreSQL address; write postgresql://user:password@host:5432/database."
        ) from error
