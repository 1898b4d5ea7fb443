"""Source records: sent in, taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.intake import records
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.engine.preparing import Incoming
from mdm.errors import BadInput, Problem, TooLarge
from mdm.readers.golden.history import source_history
from mdm.rules.intake.limits import MAX_NUMBER_BITS, storable

MOST = 500
VERSION_PARTS = (
    "version", "is_live", "is_superseded", "valid_from", "recorded_at", "relations", "invalid", "release",
)  # fmt: skip


class RecordIn(serializers.Serializer[Any]):
    """One source record."""

    system = serializers.CharField()
    object = serializers.CharField()
    domain = serializers.CharField(required=False)
    native_id = serializers.CharField()
    scope = serializers.CharField(required=False, allow_blank=True)
    updated_at = serializers.DateTimeField(required=False)
    sequence = serializers.IntegerField(required=False)
    enterprise_id = serializers.CharField(required=False, allow_blank=True)
    payload = serializers.JSONField()


class BatchIn(serializers.Serializer[Any]):
    """At most 500 source records."""

    records = RecordIn(many=True)


class ProblemOut(serializers.Serializer[Any]):
    """One thing wrong with a record."""

    code = serializers.CharField()
    field = serializers.CharField()
    value = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField()


class OutcomeOut(serializers.Serializer[Any]):
    """What became of one record. `notes`: what did not keep it out and should be known, left out where there is nothing."""

    status = serializers.ChoiceField(choices=["created", "updated", "unchanged", "stale", "deleted", "quarantined"])
    enterprise_id = serializers.CharField(allow_null=True)
    problems = ProblemOut(many=True)
    notes = ProblemOut(many=True, required=False)


class BatchOut(serializers.Serializer[Any]):
    """One result a record, in order."""

    results = OutcomeOut(many=True)


@extend_schema(
    request=BatchIn,
    responses=BatchOut,
    summary="Take in up to 500 source records; one result each, in order. A bad record goes to quarantine, the others go in.",
)
@api_view(["POST"])
@idempotent
def batch(request: Request) -> Response:
    said = request.data.get("records") if isinstance(request.data, Mapping) else None
    if not isinstance(said, list):
        raise BadInput('The request needs {"records": […]}.')
    if len(said) > MOST:
        raise TooLarge(f"{len(said)} records are more than the {MOST} one request may carry; send them in parts.")
    outcomes = records.ingest(records=[_incoming(each) for each in said], actor=caller(request), at=timezone.now())
    return Response({"results": [shown(outcome) for outcome in outcomes]})


class HomeOut(serializers.Serializer[Any]):
    """A golden record that the source record stood in; `until` null is now."""

    enterprise_id = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class VersionOut(serializers.Serializer[Any]):
    """One version of a source record.

    `valid_from`: since when it held, as the source says; `recorded_at`: since when the hub knew. One that arrived out of date
    (`is_superseded`) repeats the number of the version that stood then.
    """

    version = serializers.IntegerField()
    is_live = serializers.BooleanField()
    is_superseded = serializers.BooleanField()
    valid_from = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    attributes = serializers.JSONField()
    relations = serializers.JSONField()
    invalid = serializers.ListField(child=serializers.CharField())
    release = serializers.IntegerField()


class RecordOut(serializers.Serializer[Any]):
    """One source record as it stands, its homes and its latest versions, newest first."""

    system = serializers.CharField()
    object = serializers.CharField()
    scope = serializers.CharField(allow_blank=True)
    native_id = serializers.CharField()
    domain = serializers.CharField()
    is_live = serializers.BooleanField()
    version = serializers.IntegerField()
    attributes = serializers.JSONField()
    relations = serializers.JSONField()
    first_seen_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    homes = HomeOut(many=True)
    versions = VersionOut(many=True)


@extend_schema(
    methods=["GET"],
    parameters=[OpenApiParameter("scope", str)],
    responses=RecordOut,
    summary="One source record, live or deleted, with its history.",
)
@extend_schema(
    methods=["DELETE"],
    parameters=[OpenApiParameter("scope", str)],
    responses=OutcomeOut,
    summary="Say that a source record is gone; its history and its enterprise ID stay.",
)
@api_view(["GET", "DELETE"])
def one(request: Request, system: str, object: str, native_id: str) -> Response:
    scope = request.query_params.get("scope", "")
    if request.method == "GET":
        permissions.check(caller(request), "record.view")
        return Response(_history(source_history.of((system, object, scope, native_id), viewer=caller(request))))
    outcome = records.delete(
        system=system, object=object, native_id=native_id, scope=scope, actor=caller(request), at=timezone.now()
    )
    return Response(shown(outcome))


def _history(found: source_history.SourceHistory) -> dict[str, Any]:
    row = found.record
    parts = ("scope", "native_id", "domain", "is_live", "version", "relations", "first_seen_at", "changed_at")
    shown = {part: getattr(row, part) for part in parts} | {"system": row.source.system_id, "object": row.source.object}
    versions = [
        {part: getattr(version, part) for part in VERSION_PARTS} | {"attributes": attributes}
        for version, attributes in found.versions
    ]
    return shown | {"attributes": found.attributes, "homes": [asdict(home) for home in found.homes], "versions": versions}


def shown(outcome: records.Outcome) -> dict[str, Any]:
    shown = {"status": outcome.status, "enterprise_id": outcome.enterprise_id, "problems": list(outcome.problems)}
    return shown | ({"notes": list(outcome.notes)} if outcome.notes else {})


def _incoming(said: Any) -> Incoming:
    """One element of the batch; what is wrong or missing is said with it, so that the record is refused, not the batch."""
    if not isinstance(said, Mapping):
        problem = _problem("not_an_object", "record", said, f"is no object; {SHAPE}")
        return Incoming("", "", "", {"record": said}, problems=(problem,))
    problems: list[Problem] = []
    text = {
        name: _text(said.get(name), name, problems)
        for name in ("system", "object", "native_id", "domain", "scope", "enterprise_id")
    }
    unknown = sorted(str(name) for name in set(said) - set(RecordIn().fields))
    problems += [_problem("unknown_member", name, said.get(name), f"is no member of a record; {SHAPE}") for name in unknown]
    return Incoming(
        text["system"],
        text["object"],
        text["native_id"],
        said.get("payload"),  # type: ignore[arg-type]  # what is no object is refused with its reason
        domain=text["domain"],
        scope=text["scope"],
        updated_at=_time(said.get("updated_at"), problems),
        sequence=_sequence(said.get("sequence"), problems),
        problems=tuple(problems),
        enterprise_id=text["enterprise_id"],
    )


SHAPE = (
    "send system, object, domain, native_id, scope, enterprise_id, updated_at, sequence, and the record's own fields in payload"
)


def _problem(code: str, field: str, value: Any, said: str) -> Problem:
    """`said`: what is wrong with it; the remedy after a semicolon."""
    shown, (wrong, _, remedy) = str(storable(value))[:100], said.partition("; ")
    field = storable(field)
    return Problem(code=code, field=field[:100], value=shown, message=f"{field[:100]} “{shown[:60]}” {wrong}.", remedy=remedy)


def _text(value: Any, name: str, problems: list[Problem]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        problems.append(_problem("wrong_type", name, value, f"is no text; send {name} as text"))
        return ""
    return str(value) if isinstance(value, str) or value.bit_length() <= MAX_NUMBER_BITS else ""


def _time(value: Any, problems: list[Problem]) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        problems.append(_problem("wrong_type", "updated_at", value, "is no time; write it like 2026-01-31T12:00:00Z"))
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _sequence(value: Any, problems: list[Problem]) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        problems.append(_problem("wrong_type", "sequence", value, "is no whole number of 64 bits; send one, or leave it out"))
        return None
    return int(value)
