"""How one value of a system's JSON becomes one of ours, and back: a codec is a pair of small functions.

Inside the hub every value is text: dates ISO, numbers with a point, booleans true or false. So a value has one
spelling, whatever system it came from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a mapping: our attribute, their path, how the value is translated.

    `via`: `relation.attribute` of the related record that the system shows here; the row borrows it and cannot write it.
    """

    attribute: str
    path: str
    codec: str = "text"
    format: str = ""
    map: Mapping[str, str] = field(default_factory=dict)
    object: str = ""
    write: bool = True
    multi: bool = False
    value: str = ""
    via: str = ""


class Unreadable(ValueError):
    """The value is not what the codec reads; the message ends the sentence "… is not"."""


Reader = Callable[[Any, Row], str]
Writer = Callable[[str, Row], Any]


@dataclass(frozen=True, slots=True)
class Codec:
    """`read` raises Unreadable; `write` gives back None for a value the target has no word for."""

    read: Reader
    write: Writer


def read_text(value: Any, row: Row) -> str:
    """Text and numbers; 1001.0, as spreadsheets keep the postcode 1001, is 1001."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unreadable("a text")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def read_enum(value: Any, row: Row) -> str:
    """Translate by the row's map; the remote word may differ in case."""
    word = remote_word(value)
    found = row.map.get(word)
    if found is None:
        folded = {remote.casefold(): ours for remote, ours in row.map.items()}
        found = folded.get(word.strip().casefold())
    if found is None:
        raise Unreadable(f"one of {', '.join(row.map)}")
    return found


def write_enum(value: str, row: Row) -> Any:
    remote = next((remote for remote, ours in row.map.items() if ours == value), None)
    return {"true": True, "false": False}.get(remote, remote) if remote is not None else None


def remote_word(value: Any) -> str:
    """A remote value as the key of a map: booleans in small letters, numbers without a needless fraction."""
    if isinstance(value, bool):
        return str(value).lower()
    return read_text(value, Row("", ""))


def read_date(value: Any, row: Row) -> str:
    return _moment(value, row).date().isoformat()


def write_date(value: str, row: Row) -> Any:
    day = date.fromisoformat(value)
    return _formatted(datetime(day.year, day.month, day.day, tzinfo=UTC), row, day.isoformat())


def read_datetime(value: Any, row: Row) -> str:
    """A moment in UTC; one without a zone is taken as UTC."""
    return _moment(value, row).astimezone(UTC).isoformat()


def write_datetime(value: str, row: Row) -> Any:
    moment = datetime.fromisoformat(value).astimezone(UTC)
    return _formatted(moment, row, moment.isoformat().replace("+00:00", "Z"))


_GROUPED = re.compile(r"[-+]?\d{1,3}(?:[ ,\u00a0\u202f]\d{3})+(?:\.\d+)?")


def read_decimal(value: Any, row: Row) -> str:
    """A number with a point, as text. `1,234.50` is read; `1.234,50` is refused, for half of it could be meant."""
    text = read_text(value, row).strip()
    try:
        number = Decimal(re.sub(r"[ ,\u00a0\u202f]", "", text) if _GROUPED.fullmatch(text) else text)
    except InvalidOperation as error:
        raise Unreadable("a number like 1234.50") from error
    if not number.is_finite() or number.adjusted() > 30:
        raise Unreadable("a number like 1234.50")
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def write_decimal(value: str, row: Row) -> Any:
    number = Decimal(value)
    return int(number) if number == number.to_integral_value() else float(number)


def read_integer(value: Any, row: Row) -> str:
    number = Decimal(read_decimal(value, row))
    if number != number.to_integral_value():
        raise Unreadable("a whole number")
    return str(int(number))


def write_integer(value: str, row: Row) -> Any:
    return int(value)


YES = frozenset({"true", "yes", "y", "t", "1"})
NO = frozenset({"false", "no", "n", "f", "0"})


def read_boolean(value: Any, row: Row) -> str:
    word = remote_word(value).strip().casefold()
    if word not in YES | NO:
        raise Unreadable("true or false")
    return "true" if word in YES else "false"


def write_boolean(value: str, row: Row) -> Any:
    return value == "true"


def read_country(value: Any, row: Row) -> str:
    """A country as the system writes it; the cleaning of countries makes it two letters later."""
    return row.map.get(read_text(value, row), read_text(value, row))


def write_country(value: str, row: Row) -> Any:
    return next((remote for remote, ours in row.map.items() if ours == value), value)


def write_text(value: str, row: Row) -> Any:
    return value


# Words for date formats that manifests use beside `iso`, `epoch_ms` and Python's own %-codes.
_TOKENS = {"YYYY": "%Y", "MM": "%m", "M": "%m", "DD": "%d", "D": "%d", "hh": "%H", "mm": "%M", "ss": "%S"}
_TOKEN = re.compile("YYYY|MM|DD|M|D|hh|mm|ss")


def pattern(format: str) -> str:
    """Python's %-codes for a format: `DD/MM/YYYY` and `%d/%m/%Y` are the same."""
    return format if "%" in format else _TOKEN.sub(lambda found: _TOKENS[found.group()], format)


def is_date_format(format: str) -> bool:
    """Can a day that is written in this format be read back?"""
    row = Row("", "", format=format)
    try:
        return read_date(write_date("2026-01-31", row), row) == "2026-01-31"
    except Unreadable:
        return False


def _moment(value: Any, row: Row) -> datetime:
    text = read_text(value, row).strip()
    try:
        if row.format == "epoch_ms":
            return datetime.fromtimestamp(int(text) / 1000, tz=UTC)
        is_iso = row.format in {"", "iso"}
        moment = datetime.fromisoformat(text) if is_iso else datetime.strptime(text, pattern(row.format))  # noqa: DTZ007  zone below
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable(f"a date like {_example(row)}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _formatted(moment: datetime, row: Row, iso: str) -> Any:
    if row.format == "epoch_ms":
        return int(moment.timestamp() * 1000)
    return iso if row.format in {"", "iso"} else moment.strftime(pattern(row.format))


def _example(row: Row) -> str:
    return str(_formatted(datetime(2026, 1, 31, tzinfo=UTC), row, "2026-01-31"))


CODECS: Mapping[str, Codec] = {
    "text": Codec(read_text, write_text),
    "enum": Codec(read_enum, write_enum),
    "date": Codec(read_date, write_date),
    "datetime": Codec(read_datetime, write_datetime),
    "decimal": Codec(read_decimal, write_decimal),
    "integer": Codec(read_integer, write_integer),
    "boolean": Codec(read_boolean, write_boolean),
    "country": Codec(read_country, write_country),
}
