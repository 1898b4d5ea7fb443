"""Values that people pin on a golden record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.golden import overrides
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.errors import BadInput
from mdm.readers.golden import goldens, pins
from mdm.readers.governance.sight import Sight

if TYPE_CHECKING:
    from mdm.models import Override


class OverrideOut(serializers.Serializer[Any]):
    """A pinned value. `pinned_on`: the golden record it was pinned on, which may have been merged since."""

    id = serializers.IntegerField()
    attribute = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    reason = serializers.CharField()
    made_by = serializers.CharField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    pinned_on = serializers.CharField()
    change = serializers.IntegerField()


class OverridesOut(serializers.Serializer[Any]):
    """What is pinned now."""

    results = OverrideOut(many=True)


class OverrideIn(serializers.Serializer[Any]):
    """A value to pin on the golden record as it was seen; null pins that there is none."""

    attribute = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    version = serializers.IntegerField()
    reason = serializers.CharField()
    expires_at = serializers.DateTimeField(required=False)


class ReasonIn(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(required=False)


@extend_schema(methods=["GET"], responses=OverridesOut, summary="The values that people pinned on a golden record.")
@extend_schema(
    methods=["POST"], request=OverrideIn, responses={201: OverrideOut}, summary="Pin a value, whatever the systems say."
)
@api_view(["GET", "POST"])
@idempotent
def of_golden(request: Request, domain: str, enterprise_id: str) -> Response:
    sight = Sight(caller(request))
    if request.method == "GET":
        permissions.check(caller(request), "golden.view", domain=domain)
        golden = goldens.by_enterprise_id(enterprise_id, viewer=caller(request), domain=domain).golden
        return Response({"results": [_shown(row, sight) for row in pins.standing(golden)]})
    permissions.check(caller(request), "golden.override", domain=domain)
    golden = goldens.by_enterprise_id(enterprise_id, viewer=caller(request), domain=domain).golden
    said = request.data if isinstance(request.data, Mapping) else {}
    attribute, version, reason = said.get("attribute"), said.get("version"), said.get("reason")
    if not isinstance(attribute, str) or isinstance(version, bool) or not isinstance(version, int) or not isinstance(reason, str):
        raise BadInput('The request needs {"attribute": …, "value": …, "version": the number that was seen, "reason": …}.')
    if "value" not in said:
        raise BadInput("The request needs a value; null pins that there is none.")
    row = overrides.pin(
        enterprise_id=golden.enterprise_id,
        attribute=attribute,
        value=said["value"],
        seen_version=version,
        actor=caller(request),
        at=timezone.now(),
        reason=reason,
        expires_at=moment(said.get("expires_at"), name="expires_at"),
    )
    return Response(_shown(row, sight), status=201)


@extend_schema(request=ReasonIn, responses=OverrideOut, summary="Let the rules decide again.")
@api_view(["POST"])
@idempotent
def release(request: Request, override_id: int) -> Response:
    permissions.check(caller(request), "golden.override")
    row = pins.one(override_id, viewer=caller(request))
    reason = reason_of(request)
    row = overrides.release(override_id=row.pk, actor=caller(request), at=timezone.now(), reason=reason)
    return Response(_shown(row, Sight(caller(request))))


def reason_of(request: Request) -> str:
    """The reason in the body, if there is one."""
    reason = request.data.get("reason", "") if isinstance(request.data, Mapping) else ""
    if not isinstance(reason, str) or len(reason) > 1_000 or "\x00" in reason:
        raise BadInput("reason must be text of at most 1,000 characters.")
    return reason


def moment(text: Any, *, name: str) -> datetime | None:
    """A point in time with its zone, None for nothing.

    Raises:
        BadInput: it is none.
    """
    if text in (None, ""):
        return None
    try:
        found = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadInput(f"{name} must be a time with its zone, as 2026-01-31T12:00:00Z.")
    return found


def _plain(value: Any) -> Any:
    """As it was given: of a parent its enterprise ID."""
    return value["enterprise_id"] if isinstance(value, dict) and "enterprise_id" in value else value


def _shown(row: Override, sight: Sight) -> dict[str, Any]:
    return {
        "id": row.pk,
        "attribute": row.attribute,
        "value": sight.shown(row.golden.domain, row.attribute, _plain(row.value)),
        "reason": row.reason,
        "made_by": row.made_by.name,
        "made_at": row.made_at,
        "expires_at": row.expires_at,
        "ended_at": row.ended_at,
        "pinned_on": row.golden.enterprise_id,
        "change": row.change_set_id,
    }
