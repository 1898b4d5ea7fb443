"""Pairs that ask a steward, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.golden import decisions
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import whole_number
from mdm.errors import BadInput
from mdm.readers.golden.review import questions
from mdm.rules.golden.pair_states import PairStatus

if TYPE_CHECKING:
    from mdm.models import MatchPair

VERDICTS = ("SAME", "DIFFERENT", "UNSURE")


class PairOut(serializers.Serializer[Any]):
    """Two source records that may be the same."""

    id = serializers.IntegerField()
    domain = serializers.CharField()
    status = serializers.CharField()
    version = serializers.IntegerField()
    left = serializers.CharField()
    right = serializers.CharField()
    weight = serializers.FloatField()
    probability = serializers.FloatField()
    band = serializers.CharField()


class PairsOut(serializers.Serializer[Any]):
    """Pairs by ascending ID; ask again with `after` = `next`, null at the end."""

    results = PairOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class VerdictIn(serializers.Serializer[Any]):
    """A verdict on a pair as it was seen."""

    verdict = serializers.ChoiceField(choices=VERDICTS)
    version = serializers.IntegerField()
    reason = serializers.CharField(required=False)


@extend_schema(
    parameters=[
        OpenApiParameter("status", str),
        OpenApiParameter("domain", str),
        OpenApiParameter("after", int),
        OpenApiParameter("limit", int),
    ],
    responses=PairsOut,
    summary="Pairs, by default those that ask a steward.",
)
@api_view(["GET"])
def page(request: Request) -> Response:
    domain = request.query_params.get("domain", "")
    permissions.check(caller(request), "pair.view", domain=domain)
    after = whole_number(request.query_params.get("after"), name="after", default=0, least=0, most=2**62)
    limit = whole_number(request.query_params.get("limit"), name="limit", default=100, least=1, most=1_000)
    status = request.query_params.get("status", "OPEN").upper()
    if status not in PairStatus.__members__:
        raise BadInput(f"status={status[:40]!r} is unknown; there are {', '.join(PairStatus)}.")
    rows = questions.page(viewer=caller(request), status=status, domain=domain, after=after, limit=limit)
    return Response({"results": [_shown(row) for row in rows], "next": rows[-1].pk if len(rows) == limit else None})


@extend_schema(request=VerdictIn, responses=PairOut, summary="Decide a pair: SAME, DIFFERENT or UNSURE.")
@api_view(["POST"])
@idempotent
def decide(request: Request, pair_id: int) -> Response:
    said = request.data if isinstance(request.data, Mapping) else {}
    verdict, version, reason = said.get("verdict"), said.get("version"), said.get("reason", "")
    if verdict not in VERDICTS or isinstance(version, bool) or not isinstance(version, int) or not isinstance(reason, str):
        raise BadInput(f'The request needs {{"verdict": one of {", ".join(VERDICTS)}, "version": the number that was seen}}.')
    pair = decisions.decide(
        pair_id=pair_id,
        verdict=PairStatus(verdict),
        seen_version=version,
        actor=caller(request),
        at=timezone.now(),
        reason=reason,
    )
    return Response(_shown(questions.one(pair.pk, viewer=caller(request))))


@extend_schema(request=None, responses=PairOut, summary="Undo the standing decision on a pair.")
@api_view(["POST"])
@idempotent
def undo(request: Request, pair_id: int) -> Response:
    decision = questions.standing_decision(pair_id)
    pair = decisions.undo(decision_id=decision, actor=caller(request), at=timezone.now())
    return Response(_shown(questions.one(pair.pk, viewer=caller(request))))


def _shown(pair: MatchPair) -> dict[str, Any]:
    plain = {name: getattr(pair, name) for name in ("id", "domain", "status", "version", "weight", "probability", "band")}
    return {**plain, "left": pair.left.key, "right": pair.right.key}
