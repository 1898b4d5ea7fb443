"""The tree around a golden record: parents up to the ultimate one, and what stands below."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.api.auth import caller
from mdm.api.pagination import cursor_of, position_of, whole_number
from mdm.api.v1.golden import history
from mdm.errors import NotFound
from mdm.readers.golden import goldens
from mdm.readers.golden.kin import trees
from mdm.readers.golden.kin.trees import Asked, Place, Tree
from mdm.rules import moments


class PlaceOut(serializers.Serializer[Any]):
    """One golden record of the tree; no ID and no label where the caller may not see it.

    `said_by`: the record that names its parent, system/object/scope/native_id. `more`: it has children that are not shown here.
    """

    enterprise_id = serializers.CharField(allow_null=True)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    depth = serializers.IntegerField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    said_by = serializers.CharField(allow_blank=True)
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    more = serializers.BooleanField()


class CircleOut(serializers.Serializer[Any]):
    """Parents that lead back to the first; the word of the place number `open` does not count."""

    around = PlaceOut(many=True)
    open = serializers.IntegerField()


class TreeOut(serializers.Serializer[Any]):
    """`parents`: nearest first. `children`: each followed by its own, depth first. `next` is null on the last page."""

    enterprise_id = serializers.CharField()
    domain = serializers.CharField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    kind = serializers.CharField()
    relation = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True)
    known_at = serializers.DateTimeField(allow_null=True)
    ultimate_parent = serializers.CharField(allow_null=True)
    parents = PlaceOut(many=True)
    children = PlaceOut(many=True)
    circle = CircleOut(allow_null=True)
    next = serializers.CharField(allow_null=True)


@extend_schema(
    parameters=[
        OpenApiParameter("kind", str, description="legal, billing, project, …; the domain's first hierarchy when it is left out"),
        OpenApiParameter("depth", int, description=f"levels below, 1 (the default) to {trees.DEEPEST_BELOW}"),
        OpenApiParameter("limit", int, description=f"children on a page, {trees.PAGE} by default, {trees.MOST_A_PAGE} at most"),
        OpenApiParameter("cursor", str),
        history.AS_OF,
        history.KNOWN_AT,
    ],
    responses={200: TreeOut, 307: OpenApiResponse(description="merged: Location is the survivor's tree; not to be cached")},
    operation_id="golden_hierarchy",
    summary="The tree around a golden record: its parents up to the ultimate one, and its children; now or at a past moment.",
)
@api_view(["GET"])
def hierarchy(request: Request, domain: str, enterprise_id: str) -> Response:
    permissions.check(caller(request), "golden.view", domain=domain)
    asked = _asked(request)
    if not asked.is_past and (moved := _moved(request, domain, enterprise_id)):
        return moved
    found = trees.tree(enterprise_id, asked, viewer=caller(request), now=timezone.now(), domain=domain)
    return Response(_shown(found, asked), headers={"Cache-Control": "private, no-cache"})


def _asked(request: Request) -> Asked:
    query, now = request.query_params, timezone.now()
    return Asked(
        kind=query.get("kind", ""),
        depth=whole_number(query.get("depth"), name="depth", default=1, least=1, most=trees.DEEPEST_BELOW),
        limit=whole_number(query.get("limit"), name="limit", default=trees.PAGE, least=1, most=trees.MOST_A_PAGE),
        after=position_of(query.get("cursor", "")),
        as_of=moments.parse(query.get("as_of", ""), name="as_of", now=now),
        known_at=moments.parse(query.get("known_at", ""), name="known_at", now=now),
    )


def _moved(request: Request, domain: str, enterprise_id: str) -> Response | None:
    """To the tree of the one record that follows a retired ID; None for a live one.

    Raises:
        NotFound: nobody follows, or several do.
    """
    answer = goldens.by_enterprise_id(enterprise_id, viewer=caller(request), domain=domain)
    if not answer.cause:
        return None
    names = [heir.enterprise_id for heir in answer.heirs]
    if len(names) != 1:
        raise NotFound(
            f"{answer.golden.enterprise_id} has ended and stands in no tree; after it came: {', '.join(names) or 'none'}."
        )
    query = request.query_params.urlencode()
    location = reverse("api-golden-hierarchy", args=[domain, names[0]]) + (f"?{query}" if query else "")
    return Response({"successors": names}, status=307, headers={"Location": location, "Cache-Control": "no-store"})


def _shown(found: Tree, asked: Asked) -> dict[str, Any]:
    circle, ultimate = found.circle, found.ultimate
    return {
        "enterprise_id": found.golden.enterprise_id,
        "domain": found.golden.domain,
        "label": found.label,
        "kind": found.relation.kind,
        "relation": found.relation.name,
        "as_of": asked.as_of,
        "known_at": asked.known_at,
        "ultimate_parent": (ultimate.enterprise_id or None) if ultimate else None,
        "parents": [_place(place) for place in found.upward],
        "children": [_place(place) for place in found.below],
        "circle": {"around": [_place(place) for place in circle.around], "open": circle.open} if circle else None,
        "next": cursor_of(found.next) if found.next else None,
    }


def _place(place: Place) -> dict[str, Any]:
    said = asdict(place)
    return said | {part: said[part] or None for part in ("enterprise_id", "parent", "since", "until")}
