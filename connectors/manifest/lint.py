"""What is wrong with a manifest: every problem, each with its place, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.errors import ErrorClass
from mdm.rules.governance.domain_files import Finding, Place
from mdm.rules.governance.domain_shapes import NAME, Shape, flag, misshapen, one_of, rows, table, text, whole
from mdm.rules.intake.mapping_rows import row_problems

CLASSES: Mapping[str, ErrorClass] = {error_class.value: error_class for error_class in ErrorClass}
PROTOCOLS = ("salesforce", "netsuite")
AUTH_KINDS = ("oauth2_jwt_bearer", "oauth1_tba")
READ_KINDS = ("watermark", "keyset")
DELETE_KINDS = ("flag", "flag_and_tombstones", "deleted_records", "none")
WRITE_KINDS = ("batch_by_id", "single_by_id")
GUARDS = ("if_unmodified_since", "read_compare")


def _seconds(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if is_number and float(str(value)) >= 0 else "must be a number of seconds"


def _statuses(value: object) -> str:
    listed = value if isinstance(value, list) else [value]
    return (
        ""
        if listed and all(isinstance(v, int) and 100 <= v <= 599 for v in listed)
        else "must be an HTTP status or a list of them"
    )


def _codes(value: object) -> str:
    listed = value if isinstance(value, list) else [value]
    return "" if listed and all(isinstance(v, str) and v for v in listed) else "must be an error code or a list of them"


MANIFEST = Shape(
    {
        "system": NAME,
        "title": text,
        "chip": text,
        "protocol": one_of(*PROTOCOLS),
        "direction": one_of("in", "out", "both"),
        "criticality": one_of("high", "medium", "low"),
        "settings": table,
        "auth": table,
        "limits": table,
        "errors": rows,
        "objects": table,
    },
    frozenset({"system", "title", "direction", "objects"}),
)
SETTING = Shape({"env": text, "required": flag, "secret": flag, "default": text}, frozenset({"env"}))
AUTH = Shape({"kind": one_of(*AUTH_KINDS), "token_path": text}, frozenset({"kind"}))
LIMITS = Shape({"concurrency": whole, "attempts": whole, "longest_wait_seconds": _seconds, "timeout_seconds": _seconds})
ERROR = Shape(
    {
        "status": _statuses,
        "code": _codes,
        "class": one_of(*CLASSES),
        "wait_header": text,
        "wait_seconds": _seconds,
        "is_row": flag,
    },
    frozenset({"class"}),
)
OBJECT = Shape(
    {
        "domain": NAME,
        "id": text,
        "updated_at": text,
        "unique": flag,
        "enterprise_id": text,
        "fields": rows,
        "read": table,
        "deletes": table,
        "write": table,
    },
    frozenset({"domain", "id", "fields", "deletes"}),
)
READ = Shape(
    {"kind": one_of(*READ_KINDS), "field": text, "overlap_seconds": whole, "page_rows": whole},
    frozenset({"kind", "field", "overlap_seconds", "page_rows"}),
)
DELETES = Shape({"kind": one_of(*DELETE_KINDS), "field": text, "type": text, "reason": text}, frozenset({"kind"}))
WRITE = Shape({"kind": one_of(*WRITE_KINDS), "size": whole, "guard": one_of(*GUARDS)}, frozenset({"kind", "size", "guard"}))

# What each way of finding deletions needs to know.
_DELETES_NEED = {"flag": "field", "flag_and_tombstones": "field", "deleted_records": "type", "none": "reason"}


def findings(raw: object, file_name: str) -> Iterator[Finding]:
    """Every problem of one manifest as read from its file."""
    yield from misshapen(raw, MANIFEST, ())
    if not isinstance(raw, dict):
        return
    if raw.get("system") != file_name.removesuffix(".yaml"):
        yield Finding(("system",), f"is {raw.get('system')!r} in a file called {file_name}", "Name the file after its system.")
    if "protocol" in raw:
        yield from _connection(raw)
    for name, setting in _entries(raw.get("settings")):
        yield from misshapen(setting, SETTING, ("settings", name))
    for number, rule in enumerate(raw["errors"] if isinstance(raw.get("errors"), list) else []):
        yield from misshapen(rule, ERROR, ("errors", number))
    objects = dict(_entries(raw.get("objects")))
    for name, found in objects.items():
        yield from _object(("objects", name), found, objects, has_connection="protocol" in raw)


def _connection(raw: Mapping[str, Any]) -> Iterator[Finding]:
    for key in ("settings", "auth", "errors"):
        if key not in raw:
            yield Finding((), f"has no {key!r}, which a system with a protocol needs", f"Add {key}.")
    yield from misshapen(raw.get("auth", {"kind": AUTH_KINDS[0]}), AUTH, ("auth",))
    yield from misshapen(raw.get("limits", {}), LIMITS, ("limits",))


def _object(place: Place, raw: object, objects: Mapping[str, Any], *, has_connection: bool) -> Iterator[Finding]:
    yield from misshapen(raw, OBJECT, place)
    if not isinstance(raw, dict):
        return
    for key, shape in (("read", READ), ("write", WRITE), ("deletes", DELETES)):
        if key in raw:
            yield from misshapen(raw[key], shape, (*place, key))
    if has_connection and "read" not in raw:
        yield Finding(place, "has no 'read', which an object of a system with a protocol needs", "Add read.")
    if "write" in raw and not raw.get("enterprise_id"):
        yield Finding(place, "is written but has no 'enterprise_id'", "Name the field that the hub stamps.")
    yield from _deletes(place, raw.get("deletes"))
    yield from _fields(place, raw.get("fields"), objects)


def _deletes(place: Place, raw: object) -> Iterator[Finding]:
    needed = _DELETES_NEED.get(raw.get("kind", "")) if isinstance(raw, dict) else None
    if isinstance(raw, dict) and needed and not raw.get(needed):
        yield Finding((*place, "deletes"), f"of kind {raw['kind']!r} needs {needed!r}", f"Add {needed}.")


def _fields(place: Place, raw: object, objects: Mapping[str, Any]) -> Iterator[Finding]:
    if not isinstance(raw, list):
        return
    references = {
        row[0]: row[2].get("object")
        for row in raw
        if isinstance(row, list) and len(row) == 3 and isinstance(row[2], dict) and row[2].get("codec") == "ref"
    }
    for problem in row_problems(raw, relations=references, attributes=None):
        number = int(problem["field"] or 0)
        yield Finding(
            (*place, "fields", number - 1) if number else (*place, "fields"), problem["message"].rstrip("."), problem["remedy"]
        )
    for attribute, target in references.items():
        if target and target not in objects:
            yield Finding((*place, "fields"), f"has {attribute!r} name the object {target!r}, which this file does not have")


def _entries(raw: object) -> Iterator[tuple[str, Any]]:
    if isinstance(raw, dict):
        for name, value in raw.items():
            yield str(name), value
