"""What people and matching did to golden records, and how it is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.golden import undoing
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import whole_number
from mdm.api.v1.golden.overrides import ReasonIn, reason_of
from mdm.errors import BadInput
from mdm.readers.golden import changes
from mdm.rules.golden.change_kinds import ChangeKind

if TYPE_CHECKING:
    from mdm.models import User


class MovedOut(serializers.Serializer[Any]):
    """One record that changed its golden record; empty where a side is nothing."""

    record = serializers.CharField()
    left = serializers.CharField(allow_blank=True)
    joined = serializers.CharField(allow_blank=True)


class LivedOut(serializers.Serializer[Any]):
    """One enterprise ID that was born, ended or came back."""

    enterprise_id = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField()


class ChangeOut(serializers.Serializer[Any]):
    """One change. `undoes`, `undone_by`: the other change, 0 where there is none. `overrides`: attributes that it pinned."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in ChangeKind])
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    domain = serializers.CharField()
    goldens = serializers.ListField(child=serializers.CharField())
    moves = MovedOut(many=True)
    lives = LivedOut(many=True)
    overrides = serializers.ListField(child=serializers.CharField())
    undoes = serializers.IntegerField()
    undone_by = serializers.IntegerField()
    is_undoable = serializers.BooleanField()


class ChangesOut(serializers.Serializer[Any]):
    """The latest first; ask again with `before` = `next`, null at the end."""

    results = ChangeOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class UnmergeIn(serializers.Serializer[Any]):
    """`chain`: later acts that depend on it are taken back too. `dry_run`: say what would follow, do nothing."""

    reason = serializers.CharField(required=False)
    chain = serializers.BooleanField(required=False)
    dry_run = serializers.BooleanField(required=False)


class UnmergedOut(serializers.Serializer[Any]):
    """What was done, in this order."""

    changes = ChangeOut(many=True)


@extend_schema(
    parameters=[
        OpenApiParameter("domain", str),
        OpenApiParameter("kind", str, description="by default the acts of people"),
        OpenApiParameter("enterprise_id", str),
        OpenApiParameter("before", int),
        OpenApiParameter("limit", int),
    ],
    responses=ChangesOut,
    operation_id="changes_list",
    summary="Changes of golden records, the latest first.",
)
@api_view(["GET"])
def page(request: Request) -> Response:
    asked = request.query_params
    domain, kind = asked.get("domain", ""), asked.get("kind", "")
    permissions.check(caller(request), "golden.view", domain=domain)
    if kind and kind not in list(ChangeKind):
        raise BadInput(f"kind={kind[:40]!r} is unknown; there are {', '.join(ChangeKind)}.")
    before = whole_number(asked.get("before"), name="before", default=0, least=0, most=2**62)
    limit = whole_number(asked.get("limit"), name="limit", default=changes.MOST, least=1, most=500)
    name = asked.get("enterprise_id", "").upper()
    if "\x00" in domain + name:
        raise BadInput("The request contains a NUL character.")
    rows = changes.page(viewer=caller(request), domain=domain, kind=kind, enterprise_id=name, before=before, limit=limit)
    return Response({"results": [_shown(row) for row in rows], "next": rows[-1].id if len(rows) == limit else None})


@extend_schema(responses=ChangeOut, operation_id="changes_one", summary="One change of golden records.")
@api_view(["GET"])
def one(request: Request, change_id: int) -> Response:
    permissions.check(caller(request), "golden.view")
    return Response(shown(change_id, caller(request)))


@extend_schema(request=ReasonIn, responses=ChangeOut, summary="Take a change back as if it had never been made.")
@api_view(["POST"])
@idempotent
def undo(request: Request, change_id: int) -> Response:
    permissions.check(caller(request), "golden.undo")
    row = changes.one(change_id, viewer=caller(request))
    change = undoing.undo(change_id=row.id, actor=caller(request), at=timezone.now(), reason=reason_of(request))
    return Response(shown(change.pk, caller(request)))


@extend_schema(request=UnmergeIn, responses=UnmergedOut, summary="Take a merge, split or move back at any time.")
@api_view(["POST"])
@idempotent
def unmerge(request: Request, change_id: int) -> Response:
    permissions.check(caller(request), "golden.unmerge")
    said = request.data if isinstance(request.data, Mapping) else {}
    chain, dry_run = said.get("chain", False), said.get("dry_run", False)
    if not isinstance(chain, bool) or not isinstance(dry_run, bool):
        raise BadInput("chain and dry_run must be true or false.")
    row = changes.one(change_id, viewer=caller(request))
    asked: dict[str, Any] = {"change_id": row.id, "actor": caller(request), "at": timezone.now(), "chain": chain}
    if dry_run:
        return Response({"changes": [_shown(each) for each in undoing.rehearse(**asked)]})
    done = undoing.unmerge(**asked, reason=reason_of(request))
    return Response({"changes": [shown(each.pk, caller(request)) for each in done]})


def shown(change_id: int, viewer: User) -> dict[str, Any]:
    """One change as an answer."""
    return _shown(changes.one(change_id, viewer=viewer))


def _shown(row: changes.Change) -> dict[str, Any]:
    moves = [dict(zip(("record", "left", "joined"), move, strict=True)) for move in row.moves]
    lives = [dict(zip(("enterprise_id", "before", "after"), life, strict=True)) for life in row.lives]
    return {**asdict(row), "moves": moves, "lives": lives}
