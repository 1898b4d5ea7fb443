"""What does not fit between golden records."""

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
from mdm.actions.golden.kin import findings
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import whole_number
from mdm.errors import BadInput
from mdm.readers.golden.kin import finding_list
from mdm.rules.golden.kin.findings import FindingKind, FindingStatus


class EndOut(serializers.Serializer[Any]):
    """Another golden record of the finding, and which record says so; no ID where the caller may not see it."""

    enterprise_id = serializers.CharField(allow_blank=True)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    said_by = serializers.CharField(allow_blank=True)


class FindingOut(serializers.Serializer[Any]):
    """One finding. `ends`: a circle from the record itself on, or its contradicting parents. The rest: where one is missing."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=list(FindingKind))
    meaning = serializers.CharField()
    domain = serializers.CharField()
    enterprise_id = serializers.CharField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    relation = serializers.CharField()
    status = serializers.ChoiceField(choices=list(FindingStatus))
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    ends = EndOut(many=True)
    system = serializers.CharField(allow_blank=True)
    scope = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()
    example = serializers.CharField(allow_blank=True)


class FindingsOut(serializers.Serializer[Any]):
    """Findings, newest first; ask again with `before` = `next`, null at the end."""

    results = FindingOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class AcceptIn(serializers.Serializer[Any]):
    """Why the finding is right as it is."""

    reason = serializers.CharField()


@extend_schema(
    parameters=[
        OpenApiParameter("status", str, enum=list(FindingStatus)),
        OpenApiParameter("kind", str, enum=list(FindingKind)),
        OpenApiParameter("domain", str),
        OpenApiParameter("before", int),
        OpenApiParameter("limit", int),
    ],
    responses=FindingsOut,
    operation_id="finding_list",
    summary="What the nightly look at relations found: circles, contradicting parents, scopes without a record.",
)
@api_view(["GET"])
def page(request: Request) -> Response:
    query = request.query_params
    domain = query.get("domain", "")
    permissions.check(caller(request), "golden.view", domain=domain)
    before = whole_number(query.get("before"), name="before", default=0, least=0, most=2**62)
    limit = whole_number(query.get("limit"), name="limit", default=finding_list.PAGE, least=1, most=500)
    status = _known(query.get("status", "OPEN"), FindingStatus.__members__, "status")
    kind = _known(query["kind"], FindingKind.__members__, "kind") if query.get("kind") else ""
    found = finding_list.page(viewer=caller(request), status=status, kind=kind, domain=domain, before=before, limit=limit)
    return Response({"results": [asdict(row) for row in found.rows], "next": found.next or None})


def _known(text: str, known: Mapping[str, Any], name: str) -> str:
    if text.upper() not in known:
        raise BadInput(f"{name}={text[:40]!r} is unknown; there are {', '.join(known)}.")
    return text.upper()


@extend_schema(request=AcceptIn, responses=FindingOut, summary="Accept a finding: it is right as it is, until it changes.")
@api_view(["POST"])
@idempotent
def accept(request: Request, finding_id: int) -> Response:
    said = request.data if isinstance(request.data, Mapping) else {}
    reason = said.get("reason", "")
    if not isinstance(reason, str) or len(reason) > 2_000 or "\x00" in reason:
        raise BadInput('The request needs {"reason": a text of at most 2000 characters}.')
    row = findings.accept(finding_id=finding_id, reason=reason, actor=caller(request), at=timezone.now())
    return Response(asdict(finding_list.one(row.pk, viewer=caller(request))))
