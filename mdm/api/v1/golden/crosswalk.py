"""From a system's own key to the enterprise ID."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.api.auth import caller
from mdm.errors import BadInput, TooLarge
from mdm.readers.golden import aliases, crosswalk

MOST = 1_000
INCLUDE = OpenApiParameter("include", str, enum=["aliases"], description="the names that other hubs gave")
Names = Mapping[str, Sequence[aliases.Alias]]
"""Aliases by enterprise ID."""


class KeyIn(serializers.Serializer[Any]):
    """One source key."""

    system = serializers.CharField()
    object = serializers.CharField()
    native_id = serializers.CharField()
    scope = serializers.CharField(required=False, allow_blank=True)


class KeysIn(serializers.Serializer[Any]):
    """At most 1,000 source keys."""

    keys = KeyIn(many=True)


class EntryOut(serializers.Serializer[Any]):
    """Where a source record belongs now. `aliases`: issuer:alias, as other hubs called it; where they are asked for."""

    enterprise_id = serializers.CharField()
    domain = serializers.CharField()
    status = serializers.CharField()
    since = serializers.DateTimeField()
    aliases = serializers.ListField(child=serializers.CharField(), required=False)


class EntriesOut(serializers.Serializer[Any]):
    """One entry a key, in order; null where no live record has it."""

    entries = EntryOut(many=True, allow_null=True)


@extend_schema(
    parameters=[OpenApiParameter("scope", str), INCLUDE], responses=EntryOut, summary="The enterprise ID of one source key."
)
@api_view(["GET"])
def one(request: Request, system: str, object: str, native_id: str) -> Response:
    permissions.check(caller(request), "golden.view")
    key = (system, object, request.query_params.get("scope", ""), native_id)
    entry = crosswalk.by_source_key(key, viewer=caller(request))
    return Response(_shown(entry, _names(request, [entry.enterprise_id])))


@extend_schema(
    parameters=[INCLUDE], request=KeysIn, responses=EntriesOut, summary="The enterprise IDs of up to 1,000 source keys."
)
@api_view(["POST"])
def lookup(request: Request) -> Response:
    permissions.check(caller(request), "golden.view")
    keys = request.data.get("keys") if isinstance(request.data, Mapping) else None
    if not isinstance(keys, list):
        raise BadInput('The request needs {"keys": […]}.')
    if len(keys) > MOST:
        raise TooLarge(f"{len(keys)} keys are more than the {MOST} one request may carry; ask in parts.")
    entries = crosswalk.lookup([_key(said, place) for place, said in enumerate(keys)], viewer=caller(request))
    names = _names(request, {entry.enterprise_id for entry in entries if entry})
    return Response({"entries": [_shown(entry, names) if entry else None for entry in entries]})


def _names(request: Request, enterprise_ids: Collection[str]) -> Names | None:
    """Aliases where they are asked for: they cost more than the look-up itself, and few callers want them."""
    include = request.query_params.get("include", "")
    if include not in ("", "aliases"):
        raise BadInput(f"include={include[:40]!r} is unknown; there is aliases.")
    return aliases.under(enterprise_ids) if include else None


def _key(said: Any, place: int) -> crosswalk.Key:
    parts = [said.get(name, "") for name in ("system", "object", "scope", "native_id")] if isinstance(said, Mapping) else []
    if not parts or not all(isinstance(part, str | int) for part in parts) or not (parts[0] and parts[1] and parts[3]):
        raise BadInput(f"keys[{place}] needs system, object and native_id as text, and scope where there is one.")
    if any("\x00" in str(part) for part in parts):
        raise BadInput(f"keys[{place}] contains a NUL character.")
    system, object, scope, native_id = map(str, parts)
    return (system, object, scope, native_id)


def _shown(entry: crosswalk.Entry, names: Names | None) -> dict[str, Any]:
    shown = {"enterprise_id": entry.enterprise_id, "domain": entry.domain, "status": entry.status, "since": entry.since}
    if names is None:
        return shown
    return {**shown, "aliases": [alias.name for alias in names.get(entry.enterprise_id, ())]}
