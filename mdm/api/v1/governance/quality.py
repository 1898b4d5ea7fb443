"""Data quality: scores and failing rules by domain and system, now and over time."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.api.auth import caller
from mdm.errors import BadInput
from mdm.readers.governance import quality


class FigureOut(serializers.Serializer[Any]):
    """One rule: how many of the records do not keep it, and the share that does, 0 to 100."""

    code = serializers.CharField()
    title = serializers.CharField()
    dimension = serializers.CharField()
    weight = serializers.IntegerField()
    records = serializers.IntegerField()
    failing = serializers.IntegerField()
    score = serializers.FloatField()


class PartOut(serializers.Serializer[Any]):
    """One system's own records; the score is the mean of theirs, 0 to 100."""

    system = serializers.CharField()
    title = serializers.CharField()
    records = serializers.IntegerField()
    failing = serializers.IntegerField()
    score = serializers.FloatField()


class BoardOut(serializers.Serializer[Any]):
    """The last night's figures of a domain; `day` and `score` are null where there are none yet."""

    domain = serializers.CharField()
    title = serializers.CharField()
    day = serializers.DateField(allow_null=True)
    records = serializers.IntegerField()
    failing = serializers.IntegerField()
    score = serializers.FloatField(allow_null=True)
    rules = FigureOut(many=True)
    systems = PartOut(many=True)


class DayOut(serializers.Serializer[Any]):
    """One night."""

    day = serializers.DateField()
    records = serializers.IntegerField()
    failing = serializers.IntegerField()
    score = serializers.FloatField()


class OverviewOut(serializers.Serializer[Any]):
    """All domains that declare quality rules."""

    results = BoardOut(many=True)


class DomainOut(BoardOut):
    """One domain, or one system's part of it, with its nights, the oldest first."""

    trend = DayOut(many=True)


@extend_schema(responses=OverviewOut, operation_id="quality_list", summary="How good the golden records of each domain are.")
@api_view(["GET"])
def overview(request: Request) -> Response:
    permissions.check(caller(request), "golden.view")
    return Response({"results": [asdict(board) for board in quality.boards(viewer=caller(request))]})


@extend_schema(
    parameters=[
        OpenApiParameter("system", str, description="that system's own records instead of the golden ones"),
        OpenApiParameter("rule", str, description="the trend of one rule instead of the score"),
        OpenApiParameter("from", str, description="first day of the trend: 2026-01-31"),
        OpenApiParameter("to", str, description="last day of the trend"),
    ],
    responses=DomainOut,
    summary="How good the records of a domain are, by rule and system, and night by night.",
)
@api_view(["GET"])
def one(request: Request, domain: str) -> Response:
    permissions.check(caller(request), "golden.view", domain=domain)
    said = {name: request.query_params.get(name, "").replace("\x00", "") for name in ("system", "rule", "from", "to")}
    since, until = (_day(said[name], name) for name in ("from", "to"))
    board = quality.board(domain, viewer=caller(request), system=said["system"])
    if said["rule"] and said["rule"] not in {figure.code for figure in board.rules}:
        known = ", ".join(figure.code for figure in board.rules) or "none"
        raise BadInput(f"rule={said['rule'][:60]!r} has no figures here; there are: {known}.")
    days = quality.trend(domain, viewer=caller(request), system=said["system"], rule=said["rule"], since=since, until=until)
    return Response(asdict(board) | {"trend": [asdict(day) for day in days]})


def _day(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput(f"{name}={text[:40]!r} is no day; write 2026-01-31.") from error
