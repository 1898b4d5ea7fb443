"""Golden records: one, or a page of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.api.auth import caller
from mdm.api.pagination import cursor_of, position_of, whole_number
from mdm.api.v1.golden import history
from mdm.errors import BadInput
from mdm.readers.golden import crosswalk, goldens
from mdm.readers.golden.kin import trees
from mdm.readers.governance import erasures, graded
from mdm.readers.governance.sight import Sight

if TYPE_CHECKING:
    from mdm.models import Golden

PARTS = ("provenance", "records", "relations", "history", "ultimate_parents", "quality")


class GoldenOut(serializers.Serializer[Any]):
    """One golden record; the parts named in `include` come with it.

    `ultimate_parents`: by kind of hierarchy the enterprise ID at the top; null where it is the top itself.

    Of a past moment also: `as_of`, `known_at`, the release whose rules counted, who had followed a retired ID, and `is_proven`:
    the stored version was computed again from what it was made of and came out the same; null where `as_of` is asked for.
    """

    enterprise_id = serializers.CharField()
    domain = serializers.CharField()
    status = serializers.CharField()
    version = serializers.IntegerField()
    values = serializers.JSONField()
    changed_at = serializers.DateTimeField()
    provenance = serializers.JSONField(required=False)
    records = serializers.JSONField(required=False)
    relations = serializers.JSONField(required=False)
    history = serializers.JSONField(required=False)
    ultimate_parents = serializers.DictField(child=serializers.CharField(allow_null=True), required=False)
    quality = serializers.JSONField(required=False)
    as_of = serializers.DateTimeField(required=False, allow_null=True)
    known_at = serializers.DateTimeField(required=False)
    release = serializers.IntegerField(required=False)
    is_proven = serializers.BooleanField(required=False, allow_null=True)
    successors = serializers.ListField(child=serializers.CharField(), required=False)


class RetiredOut(serializers.Serializer[Any]):
    """How an enterprise ID ended, and who follows it; of an erased person since when, and the number of the certificate."""

    enterprise_id = serializers.CharField()
    domain = serializers.CharField()
    status = serializers.CharField()
    cause = serializers.CharField()
    since = serializers.DateTimeField()
    successors = serializers.ListField(child=serializers.CharField())
    certificate = serializers.CharField(required=False)


class PageOut(serializers.Serializer[Any]):
    """Golden records by age; `next` is null on the last page."""

    results = GoldenOut(many=True)
    next = serializers.CharField(allow_null=True)


@extend_schema(
    parameters=[
        OpenApiParameter("include", str, description=f"comma-separated: {', '.join(PARTS)}"),
        OpenApiParameter(
            "key", str, description="the caller's own key, system/object/scope/native_id: after a split, its branch answers"
        ),
        history.AS_OF,
        history.KNOWN_AT,
    ],
    responses={
        200: GoldenOut,
        300: OpenApiResponse(RetiredOut, "split: several successors"),
        304: OpenApiResponse(description="unchanged since the ETag"),
        307: OpenApiResponse(RetiredOut, "merged: Location is the survivor; not to be cached"),
        410: OpenApiResponse(RetiredOut, "retired: all its records are gone; or erased: it was a person whose data was erased"),
    },
    summary="One golden record by enterprise ID, now or at a past moment. A retired ID always answers.",
)
@api_view(["GET"])
def one(request: Request, domain: str, enterprise_id: str) -> Response:
    permissions.check(caller(request), "golden.view", domain=domain)
    if request.query_params.get("known_at"):
        return history.at_a_moment(request, domain, enterprise_id)
    is_past = bool(request.query_params.get("as_of"))
    include = [] if is_past else _parts(request.query_params.get("include", ""))
    key = key_of(request.query_params.get("key", ""))
    answer = goldens.by_enterprise_id(enterprise_id, viewer=caller(request), domain=domain, key=key)
    if answer.cause:
        return _moved(answer, domain, query=request.query_params.urlencode() if is_past else "")
    if is_past:
        return history.at_a_moment(request, domain, enterprise_id)
    tag = f'"{answer.golden.pk}-{answer.golden.version}"'
    if tag in request.headers.get("If-None-Match", "") and not include:
        return Response(status=304, headers={"ETag": tag})
    shown = _shown(answer.golden, request, include, Sight(caller(request)))
    return Response(shown, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


def _moved(answer: goldens.Answer, domain: str, *, query: str) -> Response:
    """307 to the one successor, 300 with the list, 410 when nobody follows; never to be cached: an unmerge brings the ID back."""
    successors = [heir.enterprise_id for heir in answer.heirs]
    body = {
        "enterprise_id": answer.golden.enterprise_id,
        "domain": domain,
        "status": answer.golden.status,
        "cause": answer.cause,
        "since": answer.golden.status_since,
        "successors": successors,
    }
    if answer.golden.status == "ERASED" and (erasure := erasures.of_id(answer.golden.enterprise_id)):
        body["certificate"] = erasure.certificate
    headers = {"Cache-Control": "no-store"}
    if len(successors) == 1:
        headers["Location"] = reverse("api-golden", args=[domain, successors[0]]) + (f"?{query}" if query else "")
    return Response(body, status={0: 410, 1: 307}.get(len(successors), 300), headers=headers)


def _parts(text: str) -> list[str]:
    parts = [part for part in text.split(",") if part]
    if wrong := sorted(set(parts) - set(PARTS)):
        raise BadInput(f"include={', '.join(wrong)[:80]!r} is unknown; there are {', '.join(PARTS)}.")
    return parts


def key_of(text: str) -> crosswalk.Key | None:
    """A source key as one text, system/object/scope/native_id; None where there is none."""
    if not text:
        return None
    parts = text.split("/", 3)
    if len(parts) != 4:
        raise BadInput("key must be system/object/scope/native_id; the scope may be empty.")
    return (parts[0], parts[1], parts[2], parts[3])


def _shown(golden: Golden, request: Request, include: list[str], sight: Sight) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "enterprise_id": golden.enterprise_id,
        "domain": golden.domain,
        "status": golden.status,
        "version": golden.version,
        "values": goldens.shown(golden, sight=sight),
        "changed_at": golden.changed_at,
    }
    makers: dict[str, Any] = {
        "provenance": lambda: goldens.provenance(golden, viewer=caller(request)),
        "records": lambda: goldens.members(golden),
        "relations": lambda: goldens.relations(golden, viewer=caller(request)),
        "history": lambda: goldens.history(golden, viewer=caller(request)),
        "ultimate_parents": lambda: {
            way.relation.kind: (way.upward[-1].enterprise_id or None) if way.upward else None
            for way in trees.ways(golden, sight=sight)
        },
        "quality": lambda: graded.shown(golden, spec=sight.spec(golden.domain)),
    }
    return shown | {part: makers[part]() for part in include}


@extend_schema(
    parameters=[
        OpenApiParameter("q", str),
        OpenApiParameter("quality_below", int, description="only records whose score, 0 to 100, is below this"),
        OpenApiParameter("failing", str, description="only records that fail this quality rule: its code"),
        OpenApiParameter("system", str, description="only records with a source record in this system"),
        OpenApiParameter("include", str, description="quality: each record's score and what is wrong with it"),
        OpenApiParameter("cursor", str),
        OpenApiParameter("limit", int),
    ],
    responses=PageOut,
    operation_id="golden_list",
    summary="Live golden records of a domain, oldest first.",
)
@api_view(["GET"])
def page(request: Request, domain: str) -> Response:
    permissions.check(caller(request), "golden.view", domain=domain)
    limit = whole_number(request.query_params.get("limit"), name="limit", default=goldens.PAGE, least=1, most=1_000)
    position = position_of(request.query_params.get("cursor", ""))
    include = [part for part in _parts(request.query_params.get("include", "")) if part == "quality"]
    rows = goldens.page(
        domain=domain, viewer=caller(request), query=_query(request), after=position, limit=limit, wanted=_wanted(request)
    )
    following = cursor_of(rows[-1].pk) if len(rows) == limit else None
    sight = Sight(caller(request))
    return Response({"results": [_shown(row, request, include, sight) for row in rows], "next": following})


def _wanted(request: Request) -> graded.Wanted:
    said = request.query_params
    below = whole_number(said.get("quality_below"), name="quality_below", default=101, least=1, most=101)
    return graded.Wanted(below, said.get("failing", "").replace("\x00", ""), said.get("system", "").replace("\x00", ""))


def _query(request: Request) -> str:
    query = request.query_params.get("q", "")
    if len(query) > 200 or "\x00" in query:
        raise BadInput("q may have at most 200 characters, and no NUL.")
    return query
