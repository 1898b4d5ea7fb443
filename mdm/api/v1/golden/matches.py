"""Who might this be?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import whole_number
from mdm.errors import BadInput
from mdm.readers.golden import matches
from mdm.rules.intake import limits


class MatchIn(serializers.Serializer[Any]):
    """Attributes of something the caller is about to create."""

    domain = serializers.CharField()
    attributes = serializers.JSONField()
    limit = serializers.IntegerField(required=False, default=10, min_value=1, max_value=matches.MOST)


class CandidateOut(serializers.Serializer[Any]):
    """One golden record that may be it."""

    enterprise_id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # every field has a label of its own; ours is a member
    record = serializers.CharField()
    weight = serializers.FloatField()
    probability = serializers.FloatField()
    band = serializers.ChoiceField(choices=["AUTO", "REVIEW", "BELOW"])
    explanation = serializers.JSONField()


class MatchOut(serializers.Serializer[Any]):
    """Candidates, best first."""

    candidates = CandidateOut(many=True)


@extend_schema(
    request=MatchIn, responses=MatchOut, summary="Golden records that may be the same as these attributes; stores nothing."
)
@api_view(["POST"])
@idempotent
def match(request: Request) -> Response:
    said = request.data if isinstance(request.data, Mapping) else {}
    domain, attributes = said.get("domain"), said.get("attributes")
    if not isinstance(domain, str) or not isinstance(attributes, Mapping):
        raise BadInput('The request needs {"domain": …, "attributes": {…}}.')
    permissions.check(caller(request), "match.query", domain=domain)
    if problems := limits.check_payload(attributes):
        raise BadInput(problems[0]["message"], problems=problems)
    limit = whole_number(said.get("limit"), name="limit", default=10, least=1, most=matches.MOST)
    found = matches.candidates(domain=domain, attributes=attributes, limit=limit, viewer=caller(request))
    return Response({"candidates": [{name: getattr(one, name) for name in one.__slots__} for one in found]})
