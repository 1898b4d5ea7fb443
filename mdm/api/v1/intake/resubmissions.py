"""Bulk resubmission of quarantined records: started, counted beforehand, watched."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.intake import resubmissions as actions
from mdm.api import bodies
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.readers.intake import resubmissions

LIMITS = ("code", "system", "domain")


class ResubmitIn(serializers.Serializer[Any]):
    """Which quarantined records, by cause, system and domain (at least one), and what was mended. `dry_run`: only count them."""

    code = serializers.CharField(required=False)
    system = serializers.CharField(required=False)
    domain = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)
    dry_run = serializers.BooleanField(required=False)


class ResubmissionOut(serializers.Serializer[Any]):
    """One run: `taken` came in, `refused` are still bad, `passed` were closed meanwhile. After `dry_run` only `expected`."""

    id = serializers.IntegerField(required=False)
    status = serializers.CharField(required=False)
    code = serializers.CharField(allow_blank=True)
    system = serializers.CharField(allow_blank=True)
    domain = serializers.CharField(allow_blank=True)
    expected = serializers.IntegerField()
    taken = serializers.IntegerField(required=False)
    refused = serializers.IntegerField(required=False)
    passed = serializers.IntegerField(required=False)
    reason = serializers.CharField(required=False)
    started_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False, allow_null=True)


@extend_schema(
    request=ResubmitIn,
    responses={200: ResubmissionOut, 202: ResubmissionOut},
    operation_id="quarantine_resubmit_many",
    summary="Send many quarantined records in again, as a job.",
)
@api_view(["POST"])
@idempotent
def start(request: Request) -> Response:
    said = bodies.members(request)
    limits = {name: bodies.text(said, name, most=255) for name in LIMITS}
    is_dry = bodies.flag(said, "dry_run")
    if is_dry:
        for verb in ("quarantine.edit", "record.write"):
            permissions.check(caller(request), verb, domain=limits["domain"])
        return Response({**limits, "expected": resubmissions.count(viewer=caller(request), **limits)})
    run = actions.start(**limits, reason=bodies.text(said, "reason", most=1_000), actor=caller(request), at=timezone.now())
    return Response(_shown(run), status=202)


@extend_schema(responses=ResubmissionOut, summary="How far a bulk resubmission is.")
@api_view(["GET"])
def one(request: Request, run_id: int) -> Response:
    permissions.check(caller(request), "quarantine.view")
    return Response(_shown(resubmissions.one(run_id, viewer=caller(request))))


def _shown(run: Any) -> dict[str, Any]:
    return {str(name): getattr(run, str(name)) for name in ResubmissionOut().fields}
