"""One golden record with all a person asks of it: values and why, members, relations, where it lives, possible duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from mdm.models import Crosswalk, Delivery, Golden, Job, MatchPair, SourceRecord, User
from mdm.readers.golden import goldens
from mdm.readers.golden.history import record_history
from mdm.readers.golden.history.record_history import Version
from mdm.readers.golden.history.then import Then
from mdm.readers.golden.kin import aims, finding_list, related, trees
from mdm.readers.golden.kin.finding_list import Row
from mdm.readers.golden.kin.related import Ends, Group, Kin
from mdm.readers.golden.kin.trees import Way
from mdm.readers.golden.review import pairs
from mdm.readers.governance import erasures, graded
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import roles


@dataclass(frozen=True, slots=True)
class Beaten:
    """A value that lost, and who said it. `currency`: "" for a decimal, whose record may count in another one; else None."""

    value: Any
    chip: str
    native_id: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One golden value and why it is that one. `chip` is empty where a person pinned it (`pinned_by`).

    `currency`: of an amount of money; "" for another decimal, None for what is none.
    """

    name: str
    title: str
    value: Any
    is_masked: bool
    chip: str
    system_title: str
    native_id: str
    at: datetime | None
    rule: str
    why: str
    release: int
    beaten: tuple[Beaten, ...]
    pinned_by: str = ""
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """An attribute without a value. `is_masked`: the viewer would not see one."""

    name: str
    title: str
    is_masked: bool


@dataclass(frozen=True, slots=True)
class Member:
    """One source record behind the golden record. `state`: how its system stands, empty where nothing is sent to it."""

    system_title: str
    chip: str
    object: str
    scope: str
    native_id: str
    label: str
    since: datetime
    changed_at: datetime
    state: str
    state_at: datetime | None
    state_detail: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """A pair that still asks whether another golden record is the same."""

    pair_id: int
    enterprise_id: str
    label: str
    weight: float
    band: str
    status: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    """All of one live golden record. `missing`: attributes without a value. `faults`: what quality rules find wrong.

    `ways`: its parents, by hierarchy.
    """

    golden: Golden
    label: str
    domain_title: str
    values: tuple[Value, ...]
    missing: tuple[Missing, ...]
    members: tuple[Member, ...]
    kin: tuple[Kin, ...]
    groups: tuple[Group, ...]
    versions: tuple[Version, ...]
    likenesses: tuple[Likeness, ...]
    ways: tuple[Way, ...]
    findings: tuple[Row, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """A retired ID: how and when it ended, and the live records that follow, as far as the viewer may see them."""

    golden: Golden
    label: str
    cause: str
    heirs: tuple[Kin, ...]
    certificate: str = ""


def page(text: str, *, viewer: User) -> RecordPage | Ended:
    """What stands behind an enterprise ID as somebody typed it. A fixed number of queries, whatever it holds.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: it was never issued, or lies outside the viewer's confines.
    """
    answer = goldens.by_enterprise_id(text, viewer=viewer)
    if answer.golden.status != "LIVE":
        sight = Sight(viewer)
        heirs = sight.goldens().filter(pk__in=[heir.pk for heir in answer.heirs]).order_by("pk")
        kin = tuple(Kin(sight.spec(heir.domain).title, heir.enterprise_id, sight.label(heir)) for heir in heirs)
        erasure = erasures.of_id(answer.golden.enterprise_id) if answer.golden.status == "ERASED" else None
        certificate = erasure.certificate if erasure else ""
        return Ended(answer.golden, sight.label(answer.golden), answer.cause, kin, certificate)
    return _page(answer.golden, Sight(viewer))


def _page(golden: Golden, sight: Sight) -> RecordPage:
    links = list(Crosswalk.objects.filter(golden=golden, valid_to=None).select_related("record__source").order_by("record__key"))
    records = [link.record for link in links]
    spec = sight.spec(golden.domain)
    return RecordPage(
        golden=golden,
        label=sight.label(golden),
        domain_title=spec.title,
        values=tuple(value_of(golden, item.name, item.title, sight) for item in spec.attributes if item.name in golden.values),
        missing=tuple(
            Missing(item.name, item.title, item.name in sight.hidden(golden.domain))
            for item in spec.attributes
            if item.name not in golden.values
        ),
        members=_members(golden, links, sight),
        kin=related.outward(golden, sight=sight),
        groups=related.inward(Ends(records, aims.names_of([golden.enterprise_id])), domain=golden.domain, sight=sight),
        versions=record_history.versions(golden, sight=sight),
        likenesses=likenesses(records, sight),
        ways=trees.ways(golden, sight=sight),
        findings=finding_list.of_golden(golden, sight=sight),
        faults=tuple(fault["title"] for fault in graded.shown(golden, spec=spec)["failing"]),
    )


def value_of(golden: Golden | Then, name: str, title: str, sight: Sight) -> Value:
    """One value of a golden record, as it is or as it was, and why; no query but those of `sight`."""
    why = golden.provenance.get(name, {})
    is_masked = name in sight.hidden(golden.domain)
    system = sight.systems.get(why.get("system", ""))
    currency = currency_of(golden.domain, name, golden.values, sight)
    beaten = (
        Beaten(
            sight.shown(golden.domain, name, lost["value"]),
            _chip(lost.get("system", ""), sight),
            native(lost.get("key", "")),
            None if currency is None else "",
        )
        for lost in why.get("beat", [])
    )
    return Value(
        name=name,
        title=title,
        value=sight.shown(golden.domain, name, golden.values[name]),
        is_masked=is_masked,
        chip=system.chip if system else "",
        system_title=system.title if system else "",
        native_id=native(why.get("key", "")),
        at=parse_datetime(why["at"]) if why.get("at") else None,
        rule=why.get("rule", ""),
        why=why.get("why", ""),
        release=why.get("release", golden.release),
        beaten=tuple(beaten),
        pinned_by=why.get("override", ""),
        currency=currency,
    )


def currency_of(domain: str, name: str, values: Mapping[str, Any], sight: Sight) -> str | None:
    """In which currency an attribute counts, among these values: "" where it has none or the viewer may not see it; None for what
    is no decimal.
    """
    spec = sight.spec(domain)
    if not any(item.name == name and item.kind == "decimal" for item in spec.attributes):
        return None
    if spec.money is None or spec.money.amount != name or spec.money.currency in sight.hidden(domain):
        return ""
    return str(values.get(spec.money.currency) or "")


def native(key: str) -> str:
    """The native ID in a record's stable name, system/object/scope/native_id."""
    return key.split("/", 3)[-1]


def _chip(system: str, sight: Sight) -> str:
    found = sight.systems.get(system)
    return found.chip if found else system


def _members(golden: Golden, links: Sequence[Crosswalk], sight: Sight) -> tuple[Member, ...]:
    """The members with what their systems were sent; two queries."""
    deliveries = {row.record_id: row for row in Delivery.objects.filter(record__in=[link.record_id for link in links])}
    jobs = {job.target: job for job in Job.objects.filter(kind="sync", subject=golden.pk)}
    label = sight.spec(golden.domain).label
    found = []
    for link in links:
        record, system = link.record, sight.systems[link.record.source.system_id]
        told = roles.may(sight.role, "sync.view")
        state, at, detail = _state(record, deliveries.get(record.pk), jobs.get(system.code), is_told=told)
        found.append(
            Member(
                system_title=system.title,
                chip=system.chip,
                object=record.source.object,
                scope=record.scope,
                native_id=record.native_id,
                label=str(sight.shown(golden.domain, label, record.attributes.get(label)) or ""),
                since=link.valid_from,
                changed_at=record.source_updated_at or record.changed_at,
                state=state,
                state_at=at,
                state_detail=detail,
            )
        )
    return tuple(found)


def _state(
    record: SourceRecord, delivery: Delivery | None, job: Job | None, *, is_told: bool
) -> tuple[str, datetime | None, str]:
    """How the record's system stands: in one word, since when, and what is wrong (`is_told`: to those who run the exchange)."""
    if not record.source.is_target:
        return "", None, ""
    if job is not None and job.status in {"QUEUED", "RUNNING", "DEAD"}:
        state = "dead letter" if job.status == "DEAD" else "retrying" if job.error else "waiting"
        return state, job.changed_at, job.error if is_told else ""
    if delivery is None:
        return "not sent", None, ""
    if delivery.outcome in {"accepted", "normalised"}:
        return "sent", delivery.at, ""
    return "differs", delivery.at, f"The system's answer: {delivery.outcome}."


def likenesses(records: Sequence[SourceRecord], sight: Sight) -> tuple[Likeness, ...]:
    """Pairs that lead from here to another golden record and wait for an answer; two queries."""
    ids = {record.pk for record in records}
    rows = (
        MatchPair.objects.filter(Q(left__in=ids) | Q(right__in=ids), status__in=pairs.WAITING)
        .filter(sight.record_is_near("left_id"), sight.record_is_near("right_id"))
        .select_related("left__source", "right__source")
        .order_by("-weight", "id")[:20]
    )
    found = list(rows)
    homes = pairs.homes_of({pair.left_id for pair in found} | {pair.right_id for pair in found})
    shown = []
    for pair in found:
        other = pairs.side(pair.right if pair.left_id in ids else pair.left, homes, sight=sight)
        shown.append(Likeness(pair.pk, other.enterprise_id, other.label, pair.weight, pair.band, pair.status))
    return tuple(shown)
