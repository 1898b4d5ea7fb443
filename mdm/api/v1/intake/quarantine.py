"""Quarantined records: listed, mended, sent in again, discarded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.intake import quarantine as actions
from mdm.actions.intake import resubmit as resubmitting
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import whole_number
from mdm.api.v1.intake.records import OutcomeOut, ProblemOut, shown
from mdm.errors import BadInput
from mdm.readers.intake import refused
from mdm.rules.intake.quarantine_states import QuarantineStatus

KEY_PARTS = ("system", "object", "domain", "scope", "native_id", "enterprise_id")


class QuarantinedOut(serializers.Serializer[Any]):
    """One refused record with its reasons."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    system = serializers.CharField()
    object = serializers.CharField()
    domain = serializers.CharField()
    scope = serializers.CharField(allow_blank=True)
    native_id = serializers.CharField()
    enterprise_id = serializers.CharField(allow_blank=True)
    payload = serializers.JSONField()
    problems = ProblemOut(many=True)
    times = serializers.IntegerField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()


class QuarantinePageOut(serializers.Serializer[Any]):
    """Refused records by ascending ID; ask again with `after` = `next`, null at the end."""

    results = QuarantinedOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class MendIn(serializers.Serializer[Any]):
    """The payload as it should have been; the key's parts where they were wrong or missing."""

    payload = serializers.JSONField()
    version = serializers.IntegerField()
    system = serializers.CharField(required=False)
    object = serializers.CharField(required=False)
    domain = serializers.CharField(required=False)
    scope = serializers.CharField(required=False, allow_blank=True)
    native_id = serializers.CharField(required=False)
    enterprise_id = serializers.CharField(required=False, allow_blank=True)


class SeenIn(serializers.Serializer[Any]):
    """The version that was seen."""

    version = serializers.IntegerField()
    reason = serializers.CharField(required=False)


@extend_schema(
    parameters=[OpenApiParameter("system", str), OpenApiParameter("after", int), OpenApiParameter("limit", int)],
    responses=QuarantinePageOut,
    operation_id="quarantine_list",
    summary="Open quarantined records.",
)
@api_view(["GET"])
def page(request: Request) -> Response:
    permissions.check(caller(request), "quarantine.view")
    after = whole_number(request.query_params.get("after"), name="after", default=0, least=0, most=2**62)
    limit = whole_number(request.query_params.get("limit"), name="limit", default=100, least=1, most=1_000)
    rows = refused.page(viewer=caller(request), system=request.query_params.get("system", ""), after=after, limit=limit)
    return Response({"results": [_shown(row) for row in rows], "next": rows[-1].pk if len(rows) == limit else None})


@extend_schema(methods=["GET"], responses=QuarantinedOut, summary="One quarantined record.")
@extend_schema(methods=["PATCH"], request=MendIn, responses=QuarantinedOut, summary="Mend the payload of a quarantined record.")
@api_view(["GET", "PATCH"])
def one(request: Request, quarantined_id: int) -> Response:
    permissions.check(caller(request), "quarantine.view")
    if request.method == "PATCH":
        said = _members(request, "payload", "version")
        if not isinstance(said["payload"], Mapping):
            raise BadInput("payload is no object; give the record's fields as name and value.")
        actions.edit(
            quarantined_id=quarantined_id,
            payload=said["payload"],
            seen_version=said["version"],
            actor=caller(request),
            at=timezone.now(),
            key={name: str(said[name]) for name in KEY_PARTS if name in said},
        )
    return Response(_shown(refused.one(quarantined_id, viewer=caller(request))))


@extend_schema(request=SeenIn, responses=OutcomeOut, summary="Send a quarantined record in again.")
@api_view(["POST"])
@idempotent
def resubmit(request: Request, quarantined_id: int) -> Response:
    said = _members(request, "version")
    outcome = resubmitting.resubmit(
        quarantined_id=quarantined_id, seen_version=said["version"], actor=caller(request), at=timezone.now()
    )
    return Response(shown(outcome))


@extend_schema(request=SeenIn, responses=QuarantinedOut, summary="Discard a quarantined record, with a reason.")
@api_view(["POST"])
@idempotent
def discard(request: Request, quarantined_id: int) -> Response:
    said = _members(request, "version")
    row = actions.close(
        quarantined_id=quarantined_id,
        status=QuarantineStatus.DISCARDED,
        seen_version=said["version"],
        actor=caller(request),
        at=timezone.now(),
        reason=str(said.get("reason", "")),
    )
    return Response(_shown(refused.one(row.pk, viewer=caller(request))))


def _members(request: Request, *names: str) -> dict[str, Any]:
    """The body, which must have these members; `version` a whole number."""
    said = dict(request.data) if isinstance(request.data, Mapping) else {}
    missing = [name for name in names if name not in said]
    if missing:
        raise BadInput(f"The request needs {', '.join(missing)}.")
    if isinstance(said["version"], bool) or not isinstance(said["version"], int):
        raise BadInput("version must be the whole number that was seen.")
    return said


def _shown(row: Any) -> dict[str, Any]:
    return {str(name): getattr(row, str(name)) for name in QuarantinedOut().fields}
