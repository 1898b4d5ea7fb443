"""Enterprise IDs: their whole life, and those reserved before there is a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.golden import reservations
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import whole_number
from mdm.errors import BadInput
from mdm.readers.golden import ids
from mdm.rules.golden import reservation_states

if TYPE_CHECKING:
    from mdm.models import Reservation

LASTING = 7 * 24 * 60
LONGEST = int(reservation_states.LONGEST.total_seconds() // 60)


class AliasOut(serializers.Serializer[Any]):
    """The name another hub gave. `key`: the record it follows, empty where it follows an enterprise ID."""

    issuer = serializers.CharField()
    alias = serializers.CharField()
    since = serializers.DateTimeField()
    key = serializers.CharField()


class MomentOut(serializers.Serializer[Any]):
    """One event of a life."""

    cause = serializers.ChoiceField(
        choices=["reserved", "claimed", "lapsed", "released", "born", "merged", "split", "emptied", "restored"]
    )
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    reason = serializers.CharField()
    change_set = serializers.IntegerField(allow_null=True)
    successors = serializers.ListField(child=serializers.CharField())


class LifeOut(serializers.Serializer[Any]):
    """The whole life of an enterprise ID, oldest event first."""

    enterprise_id = serializers.CharField()
    domain = serializers.CharField()
    status = serializers.ChoiceField(choices=["RESERVED", "CLAIMED", "LAPSED", "RELEASED", "LIVE", "MERGED", "SPLIT", "RETIRED"])
    since = serializers.DateTimeField()
    reserved_until = serializers.DateTimeField(allow_null=True)
    heirs = serializers.ListField(child=serializers.CharField())
    aliases = AliasOut(many=True)
    life = MomentOut(many=True)


class ReserveIn(serializers.Serializer[Any]):
    """How many IDs, for how long, and what for."""

    domain = serializers.CharField()
    purpose = serializers.CharField(max_length=200)
    count = serializers.IntegerField(required=False, default=1, min_value=1, max_value=reservation_states.MOST)
    minutes = serializers.IntegerField(required=False, default=LASTING, min_value=1, max_value=LONGEST)


class ReleaseIn(serializers.Serializer[Any]):
    """Reserved IDs to give back, all or none."""

    enterprise_ids = serializers.ListField(child=serializers.CharField(), min_length=1, max_length=reservation_states.MOST)
    reason = serializers.CharField(required=False)


class ReservationOut(serializers.Serializer[Any]):
    """One reserved ID."""

    enterprise_id = serializers.CharField()
    domain = serializers.CharField()
    status = serializers.ChoiceField(choices=list(reservation_states.ReservationStatus))
    owner = serializers.CharField()
    purpose = serializers.CharField()
    reserved_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class ReservationsOut(serializers.Serializer[Any]):
    """Reserved IDs."""

    reservations = ReservationOut(many=True)


@extend_schema(responses=LifeOut, summary="The whole life of an enterprise ID, or of the one that issuer:alias leads to.")
@api_view(["GET"])
def one(request: Request, name: str) -> Response:
    permissions.check(caller(request), "golden.view")
    if "\x00" in name or len(name) > 400:
        raise BadInput("An enterprise ID or issuer:alias has at most 400 characters, and no NUL.")
    found = ids.life(name, viewer=caller(request))
    shown = {part: getattr(found, part) for part in ("enterprise_id", "domain", "status", "since", "reserved_until", "heirs")}
    told = [{part: getattr(each, part) for part in each.__slots__} for each in found.moments]
    names = [{part: getattr(each, part) for part in each.__slots__} for each in found.aliases]
    return Response({**shown, "aliases": names, "life": told}, headers={"Cache-Control": "no-store"})


@extend_schema(request=ReserveIn, responses=ReservationsOut, summary="Reserve enterprise IDs for records that are to come.")
@api_view(["POST"])
@idempotent
def reserve(request: Request) -> Response:
    said = request.data if isinstance(request.data, Mapping) else {}
    domain, purpose = said.get("domain"), said.get("purpose")
    if not isinstance(domain, str) or not isinstance(purpose, str):
        raise BadInput('The request needs {"domain": …, "purpose": …}, both as text.')
    rows = reservations.reserve(
        domain=domain,
        count=whole_number(said.get("count"), name="count", default=1, least=1, most=reservation_states.MOST),
        lasting=timedelta(minutes=whole_number(said.get("minutes"), name="minutes", default=LASTING, least=1, most=LONGEST)),
        purpose=purpose,
        actor=caller(request),
        at=timezone.now(),
    )
    return Response({"reservations": [_shown(row) for row in rows]})


@extend_schema(request=ReleaseIn, responses=ReservationsOut, summary="Give reserved IDs back; they are given to nobody else.")
@api_view(["POST"])
@idempotent
def release(request: Request) -> Response:
    said = request.data if isinstance(request.data, Mapping) else {}
    names, reason = said.get("enterprise_ids"), said.get("reason", "")
    if (
        not isinstance(names, list)
        or not names
        or not all(isinstance(name, str) for name in names)
        or not isinstance(reason, str)
    ):
        raise BadInput('The request needs {"enterprise_ids": ["…"]}, and a reason as text where there is one.')
    if "\x00" in reason or any("\x00" in name for name in names):
        raise BadInput("The request contains a NUL character; leave it out.")
    rows = reservations.release(enterprise_ids=names, actor=caller(request), at=timezone.now(), reason=reason)
    return Response({"reservations": [_shown(row) for row in rows]})


def _shown(row: Reservation) -> dict[str, Any]:
    parts = ("enterprise_id", "domain", "status", "purpose", "reserved_at", "expires_at")
    return {part: getattr(row, part) for part in parts} | {"owner": row.owner.title or row.owner.name}
