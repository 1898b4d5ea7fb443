"""Enterprise IDs reserved before there is a record: given out, held for longer, given back, listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.golden.ids import reservations
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import cursor_of, position_of, whole_number
from mdm.errors import BadInput
from mdm.readers.golden import reserved
from mdm.rules.golden import reservation_states
from mdm.rules.golden.reservation_states import ReservationStatus

if TYPE_CHECKING:
    from mdm.models import Reservation

LASTING = 7 * 24 * 60
LONGEST = int(reservation_states.LONGEST.total_seconds() // 60)
PARTS = ("enterprise_id", "domain", "status", "owner", "purpose", "reserved_at", "expires_at", "ended_at", "reason")


class ReserveIn(serializers.Serializer[Any]):
    """How many IDs, for how long, and what for."""

    domain = serializers.CharField()
    purpose = serializers.CharField(max_length=200)
    count = serializers.IntegerField(required=False, default=1, min_value=1, max_value=reservation_states.MOST)
    minutes = serializers.IntegerField(required=False, default=LASTING, min_value=1, max_value=LONGEST)


class RenewIn(serializers.Serializer[Any]):
    """Reserved IDs to hold for so many minutes from now, all or none."""

    enterprise_ids = serializers.ListField(child=serializers.CharField(), min_length=1, max_length=reservation_states.MOST)
    minutes = serializers.IntegerField(required=False, default=LASTING, min_value=1, max_value=LONGEST)


class ReleaseIn(serializers.Serializer[Any]):
    """Reserved IDs to give back, all or none."""

    enterprise_ids = serializers.ListField(child=serializers.CharField(), min_length=1, max_length=reservation_states.MOST)
    reason = serializers.CharField(required=False)


class ReservationOut(serializers.Serializer[Any]):
    """One reserved ID. `reason`: why it was given back, or the key of the record that claimed it."""

    enterprise_id = serializers.CharField()
    domain = serializers.CharField()
    status = serializers.ChoiceField(choices=list(ReservationStatus))
    owner = serializers.CharField()
    purpose = serializers.CharField()
    reserved_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class ReservationsOut(serializers.Serializer[Any]):
    """Reserved IDs."""

    reservations = ReservationOut(many=True)


class ReservationPageOut(serializers.Serializer[Any]):
    """Reserved IDs, newest first; `next` is null on the last page."""

    results = ReservationOut(many=True)
    next = serializers.CharField(allow_null=True)


@extend_schema(
    parameters=[
        OpenApiParameter("status", str, enum=[str(status) for status in ReservationStatus], description="RESERVED by default"),
        OpenApiParameter("mine", bool, description="only those that the caller holds"),
        OpenApiParameter("cursor", str),
        OpenApiParameter("limit", int),
    ],
    responses=ReservationPageOut,
    summary="Reserved enterprise IDs, newest first.",
)
@api_view(["GET"])
def page(request: Request) -> Response:
    permissions.check(caller(request), "golden.view")
    asked = request.query_params
    found = reserved.page(
        viewer=caller(request),
        status=_one_of(asked.get("status") or "RESERVED", "status", list(ReservationStatus)),
        is_mine=_one_of(asked.get("mine") or "false", "mine", ["true", "false"]) == "true",
        before=position_of(asked.get("cursor", "")),
        limit=whole_number(asked.get("limit"), name="limit", default=reserved.PAGE, least=1, most=1_000),
    )
    return Response({"results": _listed(found.rows), "next": cursor_of(found.next) if found.next else None})


def _one_of(text: str, name: str, choices: list[Any]) -> str:
    if text not in choices:
        raise BadInput(f"{name}={text[:40]!r} is unknown; use one of {', '.join(choices)}.")
    return text


@extend_schema(request=ReserveIn, responses=ReservationsOut, summary="Reserve enterprise IDs for records that are to come.")
@api_view(["POST"])
@idempotent
def reserve(request: Request) -> Response:
    said = _said(request)
    domain, purpose = said.get("domain"), said.get("purpose")
    if not isinstance(domain, str) or not isinstance(purpose, str):
        raise BadInput('The request needs {"domain": …, "purpose": …}, both as text.')
    rows = reservations.reserve(
        domain=domain,
        count=whole_number(said.get("count"), name="count", default=1, least=1, most=reservation_states.MOST),
        lasting=_lasting(said),
        purpose=purpose,
        actor=caller(request),
        at=timezone.now(),
    )
    return _answer(rows, request)


@extend_schema(request=RenewIn, responses=ReservationsOut, summary="Hold reserved IDs for longer, counted from now.")
@api_view(["POST"])
@idempotent
def renew(request: Request) -> Response:
    said = _said(request)
    rows = reservations.renew(enterprise_ids=_names(said), lasting=_lasting(said), actor=caller(request), at=timezone.now())
    return _answer(rows, request)


@extend_schema(request=ReleaseIn, responses=ReservationsOut, summary="Give reserved IDs back; they are given to nobody else.")
@api_view(["POST"])
@idempotent
def release(request: Request) -> Response:
    said = _said(request)
    reason = said.get("reason", "")
    if not isinstance(reason, str) or "\x00" in reason:
        raise BadInput("reason must be text without NUL characters; mend it, or leave it out.")
    rows = reservations.release(enterprise_ids=_names(said), actor=caller(request), at=timezone.now(), reason=reason)
    return _answer(rows, request)


def _said(request: Request) -> Mapping[str, Any]:
    return request.data if isinstance(request.data, Mapping) else {}


def _lasting(said: Mapping[str, Any]) -> timedelta:
    return timedelta(minutes=whole_number(said.get("minutes"), name="minutes", default=LASTING, least=1, most=LONGEST))


def _names(said: Mapping[str, Any]) -> list[str]:
    names = said.get("enterprise_ids")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and "\x00" not in name for name in names):
        raise BadInput('The request needs {"enterprise_ids": ["…"]}, each as text without NUL characters.')
    return names


def _answer(rows: Iterable[Reservation], request: Request) -> Response:
    return Response({"reservations": _listed(reserved.told(rows, viewer=caller(request)))})


def _listed(rows: Iterable[reserved.Held]) -> list[dict[str, Any]]:
    return [{part: getattr(row, part) for part in PARTS} for row in rows]
