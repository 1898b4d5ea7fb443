"""The whole life of an enterprise ID."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.api.auth import caller
from mdm.api.v1.golden.goldens import key_of
from mdm.errors import BadInput
from mdm.readers.golden import ids


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
    """The whole life of an enterprise ID, oldest event first.

    `heirs`: the live IDs that follow one that ended. `branch`: where `key` was asked for, the live ID under which that record
    stands now; null where it never stood under this one, or is gone.
    """

    enterprise_id = serializers.CharField()
    domain = serializers.CharField()
    status = serializers.ChoiceField(choices=["RESERVED", "CLAIMED", "LAPSED", "RELEASED", "LIVE", "MERGED", "SPLIT", "RETIRED"])
    since = serializers.DateTimeField()
    reserved_until = serializers.DateTimeField(allow_null=True)
    heirs = serializers.ListField(child=serializers.CharField())
    branch = serializers.CharField(allow_null=True, required=False)
    aliases = AliasOut(many=True)
    life = MomentOut(many=True)


@extend_schema(
    parameters=[
        OpenApiParameter("key", str, description="the caller's own key, system/object/scope/native_id: its branch is named")
    ],
    responses=LifeOut,
    summary="The whole life of an enterprise ID, or of the one that issuer:alias leads to.",
)
@api_view(["GET"])
def one(request: Request, name: str) -> Response:
    permissions.check(caller(request), "golden.view")
    if "\x00" in name or len(name) > 400:
        raise BadInput("An enterprise ID or issuer:alias has at most 400 characters, and no NUL.")
    key = key_of(request.query_params.get("key", ""))
    found = ids.life(name, viewer=caller(request), key=key)
    shown = {part: getattr(found, part) for part in ("enterprise_id", "domain", "status", "since", "reserved_until", "heirs")}
    told = [{part: getattr(each, part) for part in each.__slots__} for each in found.moments]
    names = [{part: getattr(each, part) for part in each.__slots__} for each in found.aliases]
    if key is not None:
        shown["branch"] = found.branch
    return Response({**shown, "aliases": names, "life": told}, headers={"Cache-Control": "no-store"})
