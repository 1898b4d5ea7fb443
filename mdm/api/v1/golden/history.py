"""Golden records in time: as they were, and two dates compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.api.auth import caller
from mdm.errors import BadInput
from mdm.readers.golden import goldens
from mdm.readers.golden.history import compare as comparing
from mdm.readers.golden.history import then as history
from mdm.readers.golden.history.then import Then
from mdm.rules import moments

PARTS = ("provenance", "records", "relations")
MOMENT = "2026-01-31, the end of that day, or 2026-01-31T12:00:00Z"
AS_OF = OpenApiParameter("as_of", str, description=f"what was true for the business then: {MOMENT}")
BY = "known_at: what stood in the hub (the default); as_of: what was true"
KNOWN_AT = OpenApiParameter("known_at", str, description=f"what the hub knew then: {MOMENT}")


class DifferenceOut(serializers.Serializer[Any]):
    """One attribute or relation that differs; null is no value."""

    name = serializers.CharField()
    title = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    reason = serializers.CharField()
    why_before = serializers.JSONField()
    why_after = serializers.JSONField()


class SideOut(serializers.Serializer[Any]):
    """One of the two dates; `note` says why there was nothing."""

    at = serializers.DateTimeField()
    status = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    release = serializers.IntegerField(allow_null=True)
    is_proven = serializers.BooleanField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class ComparisonOut(serializers.Serializer[Any]):
    """Two dates of one golden record."""

    enterprise_id = serializers.CharField()
    domain = serializers.CharField()
    by = serializers.CharField()
    before = SideOut()
    after = SideOut()
    differences = DifferenceOut(many=True)
    same = serializers.ListField(child=serializers.CharField())
    joined = serializers.ListField(child=serializers.CharField())
    left = serializers.ListField(child=serializers.CharField())


def at_a_moment(request: Request, domain: str, enterprise_id: str) -> Response:
    """The answer to a question for the past."""
    now, query = timezone.now(), request.query_params
    found = history.find(
        enterprise_id,
        viewer=caller(request),
        now=now,
        as_of=moments.parse(query.get("as_of", ""), name="as_of", now=now),
        known_at=moments.parse(query.get("known_at", ""), name="known_at", now=now),
        domain=domain,
    )
    include = [part for part in query.get("include", "").split(",") if part]
    if wrong := sorted(set(include) - set(PARTS)):
        raise BadInput(f"include={', '.join(wrong)[:80]!r} is unknown for a past date; there are {', '.join(PARTS)}.")
    return Response(_shown(found, request, include), headers={"Cache-Control": "private, no-cache"})


def _shown(then: Then, request: Request, include: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "enterprise_id": then.golden.enterprise_id,
        "domain": then.domain,
        "status": then.status,
        "version": then.version,
        "values": then.values,
        "changed_at": then.recorded_at,
        "as_of": then.as_of,
        "known_at": then.known_at,
        "release": then.release,
        "is_proven": then.is_proven,
        "successors": list(then.successors),
    }
    makers: dict[str, Any] = {
        "provenance": lambda: then.provenance,
        "records": lambda: [_record(row.member.key, row.version, row.member.changed_at) for row in then.rows],
        "relations": lambda: goldens.resolved(then.relations, viewer=caller(request)),
    }
    return shown | {part: makers[part]() for part in include}


def _record(key: str, version: int, since: Any) -> dict[str, Any]:
    system, object, scope, native_id = key.split("/", 3)
    return {
        "system": system,
        "object": object,
        "scope": scope,
        "native_id": native_id,
        "version": version,
        "updated_at": since,
    }


@extend_schema(
    parameters=[
        OpenApiParameter("from", str, required=True, description=MOMENT),
        OpenApiParameter("to", str, description=f"{MOMENT}; now when it is left out"),
        OpenApiParameter("by", str, enum=comparing.AXES, description=BY),
    ],
    responses=ComparisonOut,
    operation_id="golden_compare",
    summary="One golden record on two dates, attribute by attribute, with the reason of each difference.",
)
@api_view(["GET"])
def compare(request: Request, domain: str, enterprise_id: str) -> Response:
    permissions.check(caller(request), "golden.view", domain=domain)
    now, query = timezone.now(), request.query_params
    start = moments.parse(query.get("from", ""), name="from", now=now)
    if start is None:
        raise BadInput("from is missing; say the first of the two dates, like from=2026-01-31.")
    found = comparing.between(
        enterprise_id,
        start=start,
        end=moments.parse(query.get("to", ""), name="to", now=now) or now,
        by=query.get("by", "known_at"),
        viewer=caller(request),
        now=now,
        domain=domain,
    )
    body = {part: getattr(found, part) for part in ("by", "same", "joined", "left")}
    body |= {"enterprise_id": found.golden.enterprise_id, "domain": domain}
    body |= {"before": _side(found.before), "after": _side(found.after)}
    return Response(body | {"differences": [_plain(each) for each in found.differences]})


def _side(side: comparing.Side) -> Mapping[str, Any]:
    parts = ("status", "version", "release", "is_proven")
    return {"at": side.at, "note": side.note} | {part: getattr(side.then, part, None) for part in parts}


def _plain(each: comparing.Difference) -> dict[str, Any]:
    return asdict(each)
