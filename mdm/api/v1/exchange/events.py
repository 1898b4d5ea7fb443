"""The event feed."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.api.auth import caller
from mdm.api.pagination import whole_number
from mdm.readers.exchange import events


class FeedOut(serializers.Serializer[Any]):
    """CloudEvents 1.0 in position order; ask again with `after` = `next`."""

    events = serializers.ListField(child=serializers.JSONField())
    next = serializers.IntegerField()


@extend_schema(
    parameters=[
        OpenApiParameter("after", int, description="the last position seen; 0 replays everything"),
        OpenApiParameter("limit", int),
        OpenApiParameter("domain", str),
        OpenApiParameter("type", str),
    ],
    responses=FeedOut,
    summary="Events after a position: complete, in order for each golden record, without gaps, replayable.",
    description=(
        "What a domain's retention removed is left out at the beginning; of every golden record the events since then stay, "
        "and always the last one."
    ),
)
@api_view(["GET"])
def feed(request: Request) -> Response:
    domain = request.query_params.get("domain", "")
    permissions.check(caller(request), "events.read", domain=domain)
    after = whole_number(request.query_params.get("after"), name="after", default=0, least=0, most=2**62)
    limit = whole_number(request.query_params.get("limit"), name="limit", default=100, least=1, most=events.MOST)
    found = events.after(after, limit=limit, viewer=caller(request), domain=domain, type=request.query_params.get("type", ""))
    return Response({"events": found.events, "next": found.next})
