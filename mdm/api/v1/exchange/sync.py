"""Sync: how far the targets are, and what died on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.exchange import jobs
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.errors import BadInput
from mdm.readers.exchange import sync


class TargetOut(serializers.Serializer[Any]):
    """One target: sync tasks by state."""

    target = serializers.CharField()
    waiting = serializers.IntegerField()
    retrying = serializers.IntegerField()
    dead = serializers.IntegerField()
    done = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)


class TargetsOut(serializers.Serializer[Any]):
    """All targets."""

    targets = TargetOut(many=True)


class DeadOut(serializers.Serializer[Any]):
    """One dead letter, with the exact last request and answer."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    target = serializers.CharField()
    key = serializers.CharField()
    attempts = serializers.IntegerField()
    error_code = serializers.CharField()
    error = serializers.CharField()
    exchange = serializers.JSONField(allow_null=True)
    changed_at = serializers.DateTimeField()


class DeadLettersOut(serializers.Serializer[Any]):
    """Dead letters, newest first."""

    dead_letters = DeadOut(many=True)


class ReplayIn(serializers.Serializer[Any]):
    """Jobs to try again."""

    jobs = serializers.ListField(child=serializers.IntegerField())
    reason = serializers.CharField(required=False)


class ReplayOut(serializers.Serializer[Any]):
    """How many were queued again."""

    queued = serializers.IntegerField()


@extend_schema(responses=TargetsOut, summary="Sync tasks of every target by state.")
@api_view(["GET"])
def targets(request: Request) -> Response:
    permissions.check(caller(request), "sync.view")
    return Response({"targets": sync.targets(viewer=caller(request))})


@extend_schema(parameters=[OpenApiParameter("target", str)], responses=DeadLettersOut, summary="Dead letters, newest first.")
@api_view(["GET"])
def dead_letters(request: Request) -> Response:
    permissions.check(caller(request), "sync.replay")
    rows = sync.dead_letters(viewer=caller(request), target=request.query_params.get("target", ""))
    return Response({"dead_letters": [{str(name): getattr(row, str(name)) for name in DeadOut().fields} for row in rows]})


@extend_schema(
    request=ReplayIn, responses=ReplayOut, summary="Queue dead letters again; the target is read before it is written."
)
@api_view(["POST"])
@idempotent
def replay(request: Request) -> Response:
    said = request.data if isinstance(request.data, Mapping) else {}
    numbers, reason = said.get("jobs"), said.get("reason", "")
    if not isinstance(numbers, list) or not all(isinstance(number, int) for number in numbers) or not isinstance(reason, str):
        raise BadInput('The request needs {"jobs": [numbers]}.')
    return Response({"queued": jobs.replay(job_ids=numbers, actor=caller(request), at=timezone.now(), reason=reason)})
