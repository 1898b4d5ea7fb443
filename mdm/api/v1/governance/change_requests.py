"""Change requests: asked, listed, discussed and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.governance import change_requests as actions
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.pagination import whole_number
from mdm.errors import BadInput
from mdm.readers.golden import goldens
from mdm.readers.governance import change_requests as requests
from mdm.readers.governance.change_requests import Wanted
from mdm.rules.governance.request_states import RequestKind, RequestStatus

if TYPE_CHECKING:
    from mdm.readers.governance.change_requests import One, Row

LONGEST = 1_000
PLAIN = (
    "id", "version", "kind", "status", "domain", "enterprise_id", "attribute", "system", "reason", "asked_at", "expires_at",
    "answer", "closed_by", "closed_at", "first_by", "first_at",
)  # fmt: skip


class ChangeRequestOut(serializers.Serializer[Any]):
    """One wish for another golden value. `asked_by`: the system or the person; `first_by`: who approved while two have to."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in RequestKind])
    status = serializers.ChoiceField(choices=[status.value for status in RequestStatus])
    domain = serializers.CharField()
    enterprise_id = serializers.CharField()
    attribute = serializers.CharField()
    old_value = serializers.JSONField(allow_null=True)
    value = serializers.JSONField(allow_null=True)
    system = serializers.CharField(allow_blank=True)
    asked_by = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    asked_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    first_by = serializers.CharField(allow_blank=True)
    first_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField(allow_blank=True)
    closed_by = serializers.CharField(allow_blank=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class RequestCommentOut(serializers.Serializer[Any]):
    """What somebody said about a request."""

    id = serializers.IntegerField()
    author = serializers.CharField()
    at = serializers.DateTimeField()
    text = serializers.CharField()


class ChangeRequestWholeOut(ChangeRequestOut):
    """The same with what was said about it, and why two people have to approve it, empty where one is enough."""

    why_second = serializers.CharField(allow_blank=True)
    comments = RequestCommentOut(many=True)


class ChangeRequestsOut(serializers.Serializer[Any]):
    """Requests, those with most money behind them first; ask again with `after` = `next`, null at the end."""

    results = ChangeRequestOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class ChangeRequestIn(serializers.Serializer[Any]):
    """Another value for an attribute, null for none, and why."""

    attribute = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    reason = serializers.CharField()


class AnswerIn(serializers.Serializer[Any]):
    """The version that was seen, and why; a refusal needs a reason."""

    version = serializers.IntegerField()
    reason = serializers.CharField(required=False)


class RequestCommentIn(serializers.Serializer[Any]):
    """Words."""

    text = serializers.CharField()


@extend_schema(
    parameters=[
        OpenApiParameter("status", str),
        OpenApiParameter("kind", str),
        OpenApiParameter("domain", str),
        OpenApiParameter("after", int),
        OpenApiParameter("limit", int),
    ],
    responses=ChangeRequestsOut,
    operation_id="change_requests_list",
    summary="Change requests, by default those that wait.",
)
@api_view(["GET"])
def page(request: Request) -> Response:
    domain = request.query_params.get("domain", "")
    permissions.check(caller(request), "request.view", domain=domain)
    after = whole_number(request.query_params.get("after"), name="after", default=0, least=0, most=2**62)
    limit = whole_number(request.query_params.get("limit"), name="limit", default=100, least=1, most=1_000)
    status = _one_of(request, "status", ("WAITING", *RequestStatus), "WAITING")
    wanted = Wanted(domain=domain, kind=_one_of(request, "kind", tuple(RequestKind), ""), status=status)
    found = requests.page(wanted, viewer=caller(request), after=after, limit=limit)
    return Response({"results": [_shown(row) for row in found.rows], "next": found.next})


@extend_schema(methods=["GET"], responses=ChangeRequestsOut, summary="What waits for one golden record.")
@extend_schema(
    methods=["POST"], request=ChangeRequestIn, responses={201: ChangeRequestOut}, summary="Ask for another golden value."
)
@api_view(["GET", "POST"])
@idempotent
def of_golden(request: Request, domain: str, enterprise_id: str) -> Response:
    permissions.check(caller(request), "request.view" if request.method == "GET" else "request.ask", domain=domain)
    golden = goldens.by_enterprise_id(enterprise_id, viewer=caller(request), domain=domain).golden
    if request.method == "GET":
        rows = requests.of_golden(golden.pk, viewer=caller(request))
        return Response({"results": [_shown(row) for row in rows], "next": None})
    said = request.data if isinstance(request.data, Mapping) else {}
    if not isinstance(said.get("attribute"), str) or "value" not in said:
        raise BadInput('The request needs {"attribute": …, "value": …, "reason": …}; value null asks that there be none.')
    row = actions.ask(
        enterprise_id=golden.enterprise_id,
        attribute=said["attribute"],
        value=said["value"],
        reason=_text(said, "reason"),
        actor=caller(request),
        at=timezone.now(),
    )
    return Response(_shown(requests.one(row.pk, viewer=caller(request)).row), status=201)


@extend_schema(responses=ChangeRequestWholeOut, summary="One change request with what was said about it.")
@api_view(["GET"])
def one(request: Request, request_id: int) -> Response:
    permissions.check(caller(request), "request.view")
    return Response(_whole(requests.one(request_id, viewer=caller(request))))


@extend_schema(
    request=AnswerIn, responses=ChangeRequestWholeOut, summary="Approve: the value is pinned, or waits for a second person."
)
@api_view(["POST"])
@idempotent
def approve(request: Request, request_id: int) -> Response:
    return _answer(request, request_id, actions.approve, "request.decide")


@extend_schema(request=AnswerIn, responses=ChangeRequestWholeOut, summary="Refuse, with a reason; a frozen value stays.")
@api_view(["POST"])
@idempotent
def refuse(request: Request, request_id: int) -> Response:
    return _answer(request, request_id, actions.refuse, "request.decide")


@extend_schema(request=AnswerIn, responses=ChangeRequestWholeOut, summary="Take a request back, or end the freeze of a contest.")
@api_view(["POST"])
@idempotent
def withdraw(request: Request, request_id: int) -> Response:
    return _answer(request, request_id, actions.withdraw, "request.ask")


@extend_schema(request=RequestCommentIn, responses={201: RequestCommentOut}, summary="Say something about a request.")
@api_view(["POST"])
@idempotent
def comments(request: Request, request_id: int) -> Response:
    permissions.check(caller(request), "request.ask")
    said = request.data if isinstance(request.data, Mapping) else {}
    row = actions.comment(request_id=request_id, text=_text(said, "text"), actor=caller(request), at=timezone.now())
    return Response(_comment(row), status=201)


def _answer(request: Request, request_id: int, act: Callable[..., Any], verb: str) -> Response:
    permissions.check(caller(request), verb)
    said = request.data if isinstance(request.data, Mapping) else {}
    version = said.get("version")
    if isinstance(version, bool) or not isinstance(version, int):
        raise BadInput('The request needs {"version": the whole number that was seen}.')
    act(
        request_id=request_id,
        seen_version=version,
        reason=_text(said, "reason"),
        actor=caller(request),
        at=timezone.now(),
    )
    return Response(_whole(requests.one(request_id, viewer=caller(request))))


def _text(said: Mapping[str, Any], name: str) -> str:
    text = said.get(name, "")
    if not isinstance(text, str) or len(text) > LONGEST or "\x00" in text:
        raise BadInput(f"{name} must be text of at most {LONGEST:,} characters.")
    return text


def _one_of(request: Request, name: str, known: tuple[str, ...], default: str) -> str:
    said = request.query_params.get(name, default).upper()
    if said not in known and said != default:
        raise BadInput(f"{name}={said[:40]!r} is unknown; there are {', '.join(known)}.")
    return said


def _shown(row: Row) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in PLAIN}, "old_value": row.old, "value": row.new, "asked_by": row.who}


def _whole(found: One) -> dict[str, Any]:
    return {**_shown(found.row), "why_second": found.why_second, "comments": [_comment(one) for one in found.comments]}


def _comment(row: Any) -> dict[str, Any]:
    return {"id": row.pk, "author": row.author.title or row.author.name, "at": row.at, "text": row.text}
