"""Merge, split and move golden records, each with a dry run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from mdm import permissions
from mdm.actions.golden import regrouping
from mdm.api.auth import caller
from mdm.api.idempotency import idempotent
from mdm.api.v1.golden import changes
from mdm.api.v1.golden.overrides import reason_of
from mdm.engine.people.acts import MOST, Wanted
from mdm.errors import BadInput
from mdm.readers.golden import act_preview
from mdm.readers.golden.blast_radius import Radius
from mdm.rules.golden.change_kinds import REGROUPS, ChangeKind
from mdm.rules.governance.money import Sums


class MergeIn(serializers.Serializer[Any]):
    """2 to 50 golden records as they were seen. `choices`: attribute to {"record": "system/object/scope/native_id"} or
    {"value": …}, pinned on the survivor. `set_aside`: standing decisions that say otherwise give way."""

    enterprise_ids = serializers.ListField(child=serializers.CharField(), min_length=2, max_length=MOST)
    versions = serializers.DictField(child=serializers.IntegerField())
    survivor = serializers.CharField(required=False)
    choices = serializers.DictField(child=serializers.JSONField(), required=False)
    reason = serializers.CharField(required=False)
    set_aside = serializers.BooleanField(required=False)


class SplitIn(serializers.Serializer[Any]):
    """Records that leave, by key; each part becomes a golden record of its own. `dry_run`: say what would follow, do nothing."""

    version = serializers.IntegerField()
    parts = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    reason = serializers.CharField(required=False)
    set_aside = serializers.BooleanField(required=False)
    dry_run = serializers.BooleanField(required=False)


class MoveIn(serializers.Serializer[Any]):
    """Records that leave for another golden record, by key. `versions`: of both, as they were seen."""

    into = serializers.CharField()
    versions = serializers.DictField(child=serializers.IntegerField())
    records = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField(required=False)
    set_aside = serializers.BooleanField(required=False)
    dry_run = serializers.BooleanField(required=False)


class ValueChangeOut(serializers.Serializer[Any]):
    """One value that would change."""

    title = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class PushOut(serializers.Serializer[Any]):
    """What one record of one system would be sent. `new_id`: the enterprise ID it would get, "new" if not given yet."""

    system = serializers.CharField()
    native_id = serializers.CharField()
    changes = ValueChangeOut(many=True)
    new_id = serializers.CharField(allow_blank=True)


class ResultOut(serializers.Serializer[Any]):
    """One golden record as it would be."""

    enterprise_id = serializers.CharField()
    records = serializers.ListField(child=serializers.CharField())
    changes = ValueChangeOut(many=True)
    pushes = PushOut(many=True)


class FollowerOut(serializers.Serializer[Any]):
    """How many golden records of a domain point at what would move."""

    title = serializers.CharField()
    count = serializers.CharField()


class TouchedOut(serializers.Serializer[Any]):
    """Golden records of one domain that hang on those that would change. `is_more`: at least so many."""

    domain = serializers.CharField()
    count = serializers.IntegerField()
    is_more = serializers.BooleanField()


class MoneyOut(serializers.Serializer[Any]):
    """One kind of money, such as open invoices: exact amounts by currency. `is_masked`: you may not see what there is."""

    domain = serializers.CharField()
    title = serializers.CharField()
    sums = serializers.DictField(child=serializers.CharField())
    is_masked = serializers.BooleanField()


class RadiusOut(serializers.Serializer[Any]):
    """The blast radius. `total`: all money in the reporting currency, null where it cannot be added up."""

    touched = TouchedOut(many=True)
    systems = serializers.ListField(child=serializers.CharField())
    money = MoneyOut(many=True)
    total = serializers.DictField(child=serializers.CharField(), allow_null=True)


class PreviewOut(serializers.Serializer[Any]):
    """What would follow. `contrary`: decisions to be set aside first. `note`: why it would be refused.

    `radius`: what hangs on the golden records that would change, null where that is too much to show.
    """

    kind = serializers.CharField()
    domain = serializers.CharField()
    survivor = serializers.CharField(allow_blank=True)
    ending = serializers.ListField(child=serializers.CharField())
    results = ResultOut(many=True)
    untouched = serializers.ListField(child=serializers.CharField())
    followers = FollowerOut(many=True)
    radius = RadiusOut(allow_null=True)
    contrary = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField(allow_blank=True)


@extend_schema(request=MergeIn, responses={201: changes.ChangeOut}, summary="Merge 2 to 50 golden records into one.")
@api_view(["POST"])
@idempotent
def merge(request: Request) -> Response:
    return _act(request, _merge(request))


@extend_schema(request=MergeIn, responses=PreviewOut, summary="What a merge would do; nothing is done.")
@api_view(["POST"])
@idempotent
def preview(request: Request) -> Response:
    return _foresee(request, _merge(request))


@extend_schema(
    request=SplitIn, responses={200: PreviewOut, 201: changes.ChangeOut}, summary="Take records out of a golden record."
)
@api_view(["POST"])
@idempotent
def split(request: Request, domain: str, enterprise_id: str) -> Response:
    permissions.check(caller(request), REGROUPS[ChangeKind.SPLIT], domain=domain)
    said = _body(request)
    parts = said.get("parts")
    if not isinstance(parts, list) or not all(_are_texts(part) for part in parts):
        raise BadInput('The request needs {"version": …, "parts": [["system/object/scope/native_id", …], …]}.')
    seen = _versions({enterprise_id.upper(): said.get("version")})
    wanted = Wanted(ChangeKind.SPLIT, (enterprise_id,), seen, parts=tuple(tuple(part) for part in parts))
    return _foresee(request, wanted) if _flag(said, "dry_run") else _act(request, wanted)


@extend_schema(
    request=MoveIn, responses={200: PreviewOut, 201: changes.ChangeOut}, summary="Move records to another golden record."
)
@api_view(["POST"])
@idempotent
def move(request: Request, domain: str, enterprise_id: str) -> Response:
    permissions.check(caller(request), REGROUPS[ChangeKind.MOVE], domain=domain)
    said = _body(request)
    if not isinstance(said.get("into"), str) or not _are_texts(said.get("records")):
        raise BadInput(
            'The request needs {"into": an enterprise ID, "versions": {…}, "records": ["system/object/scope/native_id"]}.'
        )
    names = (enterprise_id, said["into"])
    wanted = Wanted(ChangeKind.MOVE, names, _versions(said.get("versions")), parts=(tuple(said["records"]),))
    return _foresee(request, wanted) if _flag(said, "dry_run") else _act(request, wanted)


def _merge(request: Request) -> Wanted:
    permissions.check(caller(request), REGROUPS[ChangeKind.MERGE])
    said = _body(request)
    names, choices, survivor = said.get("enterprise_ids"), said.get("choices", {}), said.get("survivor", "")
    if not isinstance(names, list) or not _are_texts(names) or not isinstance(survivor, str):
        raise BadInput('The request needs {"enterprise_ids": [2 to 50], "versions": {ID: the number that was seen}}.')
    if not isinstance(choices, Mapping) or not all(isinstance(choice, Mapping) for choice in choices.values()):
        raise BadInput('choices must be {attribute: {"record": "system/object/scope/native_id"} or {"value": …}}.')
    return Wanted(ChangeKind.MERGE, tuple(names), _versions(said.get("versions")), keep=survivor, choices=choices)


def _act(request: Request, wanted: Wanted) -> Response:
    change = regrouping.repartition(
        wanted=wanted,
        actor=caller(request),
        at=timezone.now(),
        reason=reason_of(request),
        set_aside=_flag(_body(request), "set_aside"),
    )
    return Response(changes.shown(change.pk, caller(request)), status=201)


def _foresee(request: Request, wanted: Wanted) -> Response:
    found = act_preview.of_act(wanted, viewer=caller(request), at=timezone.now())
    followers = [{"title": title, "count": str(count)} for title, count in found.followers]
    said = {"kind": found.kind, "domain": found.domain, "survivor": found.survivor, "note": found.note, "followers": followers}
    radius = None if found.radius is None else _radius(found.radius)
    lists = {name: list(getattr(found, name)) for name in ("ending", "untouched", "contrary")}
    return Response({**said, **lists, "radius": radius, "results": [_result(one) for one in found.results]})


def _radius(radius: Radius) -> dict[str, Any]:
    """Money as text: no digit is lost on the way."""
    return {
        "touched": [{"domain": one.domain, "count": one.count.number, "is_more": one.count.is_more} for one in radius.touched],
        "systems": list(radius.systems),
        "money": [{**asdict(one), "sums": _texts(one.sums)} for one in radius.money],
        "total": None if radius.total is None else _texts(radius.total),
    }


def _texts(sums: Sums) -> dict[str, str]:
    return {currency: str(amount) for currency, amount in sums.items()}


def _result(result: act_preview.Result) -> dict[str, Any]:
    pushes = [
        {
            "system": one.system,
            "native_id": one.native_id,
            "new_id": one.new_id,
            "changes": [asdict(each) for each in one.changes],
        }
        for one in result.pushes
    ]
    return {
        "enterprise_id": result.enterprise_id,
        "records": list(result.records),
        "changes": [asdict(one) for one in result.changes],
        "pushes": pushes,
    }


def _body(request: Request) -> Mapping[str, Any]:
    return request.data if isinstance(request.data, Mapping) else {}


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and "\x00" not in one for one in value)


def _versions(said: Any) -> dict[str, int]:
    """What was seen, by enterprise ID."""
    if not isinstance(said, Mapping) or not all(isinstance(one, int) and not isinstance(one, bool) for one in said.values()):
        raise BadInput("versions must be {enterprise ID: the number that was seen}.")
    return {str(name).upper(): number for name, number in said.items()}


def _flag(said: Mapping[str, Any], name: str) -> bool:
    flag = said.get(name, False)
    if not isinstance(flag, bool):
        raise BadInput(f"{name} must be true or false.")
    return flag
