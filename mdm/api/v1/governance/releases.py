"""Releases of domains: proposed with their plan, approved by a second person, refused, rolled back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.governance.releasing import proposals as actions
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import whole_number
from mdm.errors import BadConfiguration, BadInput
from mdm.readers.governance.releasing import proposals
from mdm.rules.governance.domains import DomainSpec
from mdm.rules.governance.releasing.release_states import ReleaseStatus

STATUSES = [status.value for status in ReleaseStatus]
SHIPPED = re.compile(r"[a-z][a-z0-9_]{0,59}")


class ReleaseOut(serializers.Serializer[Any]):
    """One proposed release. `number`: the release it became; `base`: the one its plan compares it with."""

    id = serializers.IntegerField()
    domain = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    reason = serializers.CharField()
    base = serializers.IntegerField()
    returns_to = serializers.IntegerField(allow_null=True)
    number = serializers.IntegerField(allow_null=True)
    proposed_by = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    decided_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField(allow_blank=True)
    is_forced = serializers.BooleanField()


class PlannedOut(ReleaseOut):
    """The same with what it would do. `above`: what lies above the limits; `left`: records still to be brought over."""

    plan = serializers.JSONField(allow_null=True)
    planned_at = serializers.DateTimeField(allow_null=True)
    above = serializers.ListField(child=serializers.CharField())
    is_stale = serializers.BooleanField()
    left = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)


class ReleasesOut(serializers.Serializer[Any]):
    """Proposed releases, newest first; ask again with `before` = `next`, null at the end."""

    results = ReleaseOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class ProposeIn(serializers.Serializer[Any]):
    """The whole declaration of a domain, as its file says it, and why it should change."""

    spec = serializers.JSONField()
    reason = serializers.CharField()


class RollBackIn(serializers.Serializer[Any]):
    """The former release that should count again, and why."""

    domain = serializers.CharField()
    to = serializers.IntegerField()
    reason = serializers.CharField()


class ApproveIn(serializers.Serializer[Any]):
    """`force`: although it lies above the limits, with a reason."""

    force = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False)


class RefuseIn(serializers.Serializer[Any]):
    """Why not."""

    reason = serializers.CharField()


@extend_schema(
    methods=["GET"],
    parameters=[OpenApiParameter("domain", str), OpenApiParameter("before", int), OpenApiParameter("limit", int)],
    responses=ReleasesOut,
    operation_id="releases_list",
    summary="Proposed releases, newest first.",
)
@extend_schema(
    methods=["POST"],
    request=ProposeIn,
    responses=PlannedOut,
    summary="Propose a changed domain; a job works out its effects.",
)
@api_view(["GET", "POST"])
@idempotent
def collection(request: Request) -> Response:
    viewer = caller(request)
    permissions.check(viewer, "release.plan")
    if request.method == "POST":
        said = _body(request, "spec")
        row = _propose(said["spec"], str(said.get("reason", "")), request)
        return Response(_planned(row.pk, request), status=201)
    query = request.query_params
    before = whole_number(query.get("before"), name="before", default=0, least=0, most=2**62)
    limit = whole_number(query.get("limit"), name="limit", default=50, least=1, most=500)
    rows = proposals.page(viewer=viewer, domain=query.get("domain", ""), before=before, limit=limit)
    return Response({"results": [_shown(row) for row in rows], "next": rows[-1].pk if len(rows) == limit else None})


def _propose(spec: Any, reason: str, request: Request) -> Any:
    """What is wrong with a declaration that came over the wire is the caller's mistake, all of it at once."""
    if not isinstance(spec, Mapping):
        raise BadInput("spec is no object; give the whole declaration of the domain.")
    match = spec.get("match")
    model = match.get("model") if isinstance(match, Mapping) else None
    if isinstance(model, str) and not SHIPPED.fullmatch(model):
        raise BadInput(f"match.model {model[:80]!r} is no name of a shipped model; name one, or give the model itself.")
    try:
        parsed = DomainSpec.from_dict(spec)
        return actions.propose(spec=parsed, reason=reason, actor=caller(request), at=timezone.now())
    except BadConfiguration as error:
        raise BadInput(error.message, problems=error.problems) from error


@extend_schema(request=RollBackIn, responses=PlannedOut, summary="Propose that a former release counts again.")
@api_view(["POST"])
@idempotent
def roll_back(request: Request) -> Response:
    said = _body(request, "domain", "to")
    if isinstance(said["to"], bool) or not isinstance(said["to"], int):
        raise BadInput("to must be the whole number of a former release.")
    reason = str(said.get("reason", ""))
    row = actions.roll_back(domain=str(said["domain"]), to=said["to"], reason=reason, actor=caller(request), at=timezone.now())
    return Response(_planned(row.pk, request), status=201)


@extend_schema(responses=PlannedOut, operation_id="releases_one", summary="One proposed release and what it would do.")
@api_view(["GET"])
def one(request: Request, proposal_id: int) -> Response:
    permissions.check(caller(request), "release.plan")
    return Response(_planned(proposal_id, request))


@extend_schema(request=None, responses=PlannedOut, summary="Let a job work out anew what a proposed release would do.")
@api_view(["POST"])
@idempotent
def plan(request: Request, proposal_id: int) -> Response:
    actions.plan_again(proposal_id=proposal_id, actor=caller(request), at=timezone.now())
    return Response(_planned(proposal_id, request))


@extend_schema(request=ApproveIn, responses=PlannedOut, summary="Release what somebody else proposed.")
@api_view(["POST"])
@idempotent
def approve(request: Request, proposal_id: int) -> Response:
    said = _body(request)
    force = said.get("force", False)
    if not isinstance(force, bool):
        raise BadInput("force must be true or false.")
    reason = str(said.get("reason", ""))
    actions.approve(proposal_id=proposal_id, reason=reason, force=force, actor=caller(request), at=timezone.now())
    return Response(_planned(proposal_id, request))


@extend_schema(request=RefuseIn, responses=PlannedOut, summary="Refuse a proposed release, or take back one's own.")
@api_view(["POST"])
@idempotent
def refuse(request: Request, proposal_id: int) -> Response:
    reason = str(_body(request).get("reason", ""))
    actions.refuse(proposal_id=proposal_id, reason=reason, actor=caller(request), at=timezone.now())
    return Response(_planned(proposal_id, request))


def _body(request: Request, *names: str) -> dict[str, Any]:
    """The body, which must have these members."""
    said = dict(request.data) if isinstance(request.data, Mapping) else {}
    missing = [name for name in names if name not in said]
    if missing:
        raise BadInput(f"The request needs {', '.join(missing)}.")
    return said


def _shown(row: Any) -> dict[str, Any]:
    said = {str(name): getattr(row, str(name)) for name in ReleaseOut().fields}
    return said | {name: said[name] and said[name].name for name in ("proposed_by", "decided_by")}


def _planned(proposal_id: int, request: Request) -> dict[str, Any]:
    found = proposals.one(proposal_id, viewer=caller(request))
    parts = {name: getattr(found, name) for name in ("plan", "is_stale", "left", "error")}
    return _shown(found.row) | parts | {"above": list(found.above), "planned_at": found.row.planned_at}
