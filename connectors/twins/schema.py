"""What a twin's objects look like: fields with types, lengths and choices, and the checks that a write must pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib.resources import files
from typing import Any

import yaml

from connectors.twins.errors import Refused

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `type`: id, text, email, url, choice, reference, date, datetime, number or flag.

    `length`: the longest text, None without a limit. `choices`: internal value -> label. `upper`: stored in capitals.
    """

    name: str
    type: str = "text"
    label: str = ""
    length: int | None = None
    choices: Mapping[str, str] | None = None
    reference_to: str = ""
    is_required: bool = False
    is_writable: bool = True
    is_external_id: bool = False
    upper: bool = False


@dataclass(frozen=True)
class ObjectType:
    """One kind of record. `relations`: name in a path such as `Account__r` -> the reference field behind it."""

    name: str
    label: str
    key_prefix: str
    id_field: str
    changed_field: str
    name_field: str
    fields: Mapping[str, Field]

    @cached_property
    def by_folded_name(self) -> Mapping[str, Field]:
        """Fields by name in small letters: vendors do not mind the case."""
        return {name.lower(): field for name, field in self.fields.items()}

    def field(self, name: str) -> Field:
        """A field by name in any case.

        Raises:
            Refused: there is none.
        """
        found = self.by_folded_name.get(name.lower())
        if found is None:
            raise Refused("unknown_field", f"No such column '{name}' on entity '{self.name}'.", fields=(name,))
        return found

    @cached_property
    def relations(self) -> Mapping[str, Field]:
        """Reference fields by the name that a relationship path starts with, in small letters."""
        return {relation_name(field).lower(): field for field in self.fields.values() if field.type == "reference"}


class Schema:
    """All objects of a twin."""

    def __init__(self, objects: Mapping[str, ObjectType]) -> None:
        self._objects = {name.lower(): found for name, found in objects.items()}

    def __iter__(self) -> Iterator[ObjectType]:
        return iter(self._objects.values())

    def object(self, name: str) -> ObjectType:
        """An object by name in any case.

        Raises:
            Refused: there is none.
        """
        found = self._objects.get(name.lower())
        if found is None:
            raise Refused("unknown_object", f"sObject type '{name}' is not supported.")
        return found


def load(package: str) -> Schema:
    """The schema.yaml of a twin's package."""
    raw = yaml.safe_load((files(package) / "schema.yaml").read_text(encoding="utf-8"))
    choices = raw.get("choices", {})
    return Schema({name: _object(name, row, choices) for name, row in raw["objects"].items()})


def relation_name(field: Field) -> str:
    """The name under which a path leads through a reference: `Account__c` -> `Account__r`."""
    return field.name.removesuffix("__c") + "__r" if field.name.endswith("__c") else field.name.removesuffix("Id")


def stored(field: Field, value: Any) -> Any:
    """The value as the vendor keeps it: trimmed, in capitals where it says so, references as bare ids, nothing as None.

    Raises:
        Refused: the value does not fit the field.
    """
    if field.type == "reference" or (field.type == "choice" and isinstance(value, Mapping)):
        value = value.get("id") if isinstance(value, Mapping) else value
        value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return _CHECKS.get(field.type, _text)(field, value)


def _object(name: str, row: Mapping[str, Any], choices: Mapping[str, Any]) -> ObjectType:
    fields = {field_name: _field(field_name, facts or {}, choices) for field_name, facts in row["fields"].items()}
    return ObjectType(
        name=name,
        label=row.get("label", name),
        key_prefix=str(row.get("key_prefix", "")),
        id_field=row["id"],
        changed_field=row["changed"],
        name_field=row["name"],
        fields=fields,
    )


def _field(name: str, facts: Mapping[str, Any], choices: Mapping[str, Any]) -> Field:
    listed = choices.get(facts["choices"]) if isinstance(facts.get("choices"), str) else facts.get("choices")
    as_map = {str(key): str(key) for key in listed} if isinstance(listed, list) else listed
    known = {key: value for key, value in facts.items() if key != "choices"}
    return Field(name=name, choices=as_map, label=str(known.pop("label", name)), **known)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("bad_value", f"{field.label}: value of incorrect type: {value!r}", fields=(field.name,))
    text = value.strip().upper() if field.upper else value.strip()
    if field.length is not None and len(text) > field.length:
        message = f"{field.label}: data value too large: {text[:80]} (max length={field.length})"
        raise Refused("too_long", message, fields=(field.name,))
    return text


def _email(field: Field, value: Any) -> str:
    text = _text(field, value)
    if not _EMAIL.fullmatch(text):
        raise Refused("bad_value", f"{field.label}: invalid email address: {text}", fields=(field.name,))
    return text


def _url(field: Field, value: Any) -> str:
    text = _text(field, value)
    if not text.lower().startswith(("http://", "https://", "ftp://", "file://")):
        raise Refused(
            "bad_value", "Invalid url value. Url must start with http://, https://, ftp://, or file://.", fields=(field.name,)
        )
    return text


def _choice(field: Field, value: Any) -> str:
    text = _text(field, str(value))
    if field.choices is not None and text not in field.choices:
        raise Refused("bad_choice", f"{field.label}: bad value for restricted picklist field: {text}", fields=(field.name,))
    return text


def _date(field: Field, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise Refused("bad_value", f"{field.label}: '{value}' is not a valid date (YYYY-MM-DD)", fields=(field.name,)) from error


def _moment(field: Field, value: Any) -> str:
    try:
        return datetime.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise Refused("bad_value", f"{field.label}: '{value}' is not a valid date and time", fields=(field.name,)) from error


def _number(field: Field, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise Refused("bad_value", f"{field.label}: '{value}' is not a number", fields=(field.name,)) from error


def _flag(field: Field, value: Any) -> bool:
    if value in {"T", "F"}:
        return bool(value == "T")
    if not isinstance(value, bool):
        raise Refused("bad_value", f"{field.label}: '{value}' is neither true nor false", fields=(field.name,))
    return value


_CHECKS = {"email": _email, "url": _url, "choice": _choice, "date": _date, "datetime": _moment, "number": _number, "flag": _flag}
