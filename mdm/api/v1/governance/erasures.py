"""Erasure of a person's data: what it would remove, asked for, confirmed by somebody else, and its certificate."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.governance import erasures as actions
from mdm.api import bodies
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import whole_number
from mdm.readers.governance import erasures


class ErasureIn(serializers.Serializer[Any]):
    """Whose data; the reason stays in the certificate and names nobody. `dry_run`: only count what would be removed."""

    enterprise_id = serializers.CharField()
    reason = serializers.CharField(required=False)
    dry_run = serializers.BooleanField(required=False)


class LiftIn(serializers.Serializer[Any]):
    """Why the person's keys may come in again."""

    reason = serializers.CharField()


class ErasureOut(serializers.Serializer[Any]):
    """One erasure; once it is done this is its certificate: what was removed, how many of each, and never a value.

    `systems`: who sent the person's records and may hold them still. `pointing`: records of others that name the person's key.
    """

    id = serializers.IntegerField()
    certificate = serializers.CharField()
    status = serializers.CharField()
    domain = serializers.CharField()
    enterprise_ids = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    confirmed_by = serializers.CharField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    removed = serializers.DictField(child=serializers.IntegerField())
    systems = serializers.ListField(child=serializers.CharField())
    pointing = serializers.IntegerField()


class WouldRemoveOut(serializers.Serializer[Any]):
    """What an erasure would remove now."""

    enterprise_ids = serializers.ListField(child=serializers.CharField())
    domain = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    systems = serializers.ListField(child=serializers.CharField())
    pointing = serializers.IntegerField()


class ErasuresOut(serializers.Serializer[Any]):
    """Erasures, the latest first; ask again with `before` = `next`, null at the end."""

    results = ErasureOut(many=True)
    next = serializers.IntegerField(allow_null=True)


@extend_schema(
    methods=["GET"],
    parameters=[OpenApiParameter("before", int)],
    responses=ErasuresOut,
    operation_id="erasures_list",
    summary="Erasures.",
)
@extend_schema(
    methods=["POST"],
    request=ErasureIn,
    responses={200: WouldRemoveOut, 201: ErasureOut},
    summary="Ask for the erasure of a person's data, or count what it would remove.",
)
@api_view(["GET", "POST"])
@idempotent
def listed(request: Request) -> Response:
    if request.method == "GET":
        permissions.check(caller(request), "erasure.view")
        before = whole_number(request.query_params.get("before"), name="before", default=0, least=0, most=2**62)
        rows = erasures.listed(viewer=caller(request), before=before)
        following = rows[-1].pk if len(rows) == erasures.PAGE else None
        return Response({"results": [_shown(row) for row in rows], "next": following})
    permissions.check(caller(request), "erasure.request")
    said = bodies.members(request)
    name, is_dry = bodies.text(said, "enterprise_id", most=1_000), bodies.flag(said, "dry_run")
    if is_dry:
        return Response(asdict(erasures.preview(name, viewer=caller(request))))
    row = actions.request(
        enterprise_id=name, reason=bodies.text(said, "reason", most=1_000), actor=caller(request), at=timezone.now()
    )
    return Response(_shown(row), status=201)


@extend_schema(responses=ErasureOut, summary="One erasure; once done, its certificate.")
@api_view(["GET"])
def one(request: Request, erasure_id: int) -> Response:
    permissions.check(caller(request), "erasure.view")
    return Response(_shown(erasures.one(erasure_id, viewer=caller(request))))


@extend_schema(request=None, responses=ErasureOut, summary="Confirm an erasure that somebody else asked for.")
@api_view(["POST"])
@idempotent
def confirm(request: Request, erasure_id: int) -> Response:
    actions.confirm(erasure_id=erasure_id, actor=caller(request), at=timezone.now())
    return Response(_shown(erasures.one(erasure_id, viewer=caller(request))))


@extend_schema(request=None, responses=ErasureOut, summary="Give up an erasure that is not confirmed yet.")
@api_view(["POST"])
@idempotent
def cancel(request: Request, erasure_id: int) -> Response:
    actions.cancel(erasure_id=erasure_id, actor=caller(request), at=timezone.now())
    return Response(_shown(erasures.one(erasure_id, viewer=caller(request))))


@extend_schema(request=LiftIn, responses=ErasureOut, summary="Let the keys of an erased person come in again.")
@api_view(["POST"])
@idempotent
def lift(request: Request, erasure_id: int) -> Response:
    said = bodies.members(request)
    actions.lift(erasure_id=erasure_id, reason=bodies.text(said, "reason", most=1_000), actor=caller(request), at=timezone.now())
    return Response(_shown(erasures.one(erasure_id, viewer=caller(request))))


def _shown(row: Any) -> dict[str, Any]:
    same = ("id", "certificate", "status", "domain", "enterprise_ids", "reason", "requested_at", "confirmed_at", "ended_at",
            "systems", "pointing")  # fmt: skip
    confirmed_by = row.confirmed_by.name if row.confirmed_by else None
    return {name: getattr(row, name) for name in same} | {
        "requested_by": row.requested_by.name,
        "confirmed_by": confirmed_by,
        "removed": dict(erasures.lines(row)),
    }
