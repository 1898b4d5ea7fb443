"""Golden records: one with all it stands on, or a page of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from mdm.engine import releases
from mdm.errors import NotFound
from mdm.models import Crosswalk, Golden, GoldenVersion, IdLife, Reservation, User
from mdm.readers.golden import crosswalk
from mdm.readers.golden.kin import aims
from mdm.readers.governance import graded
from mdm.readers.governance.graded import Wanted
from mdm.readers.governance.sight import Sight
from mdm.rules.golden import enterprise_id as ids
from mdm.rules.golden.kin import claims
from mdm.rules.governance import roles

PAGE = 100
LONGEST_CHAIN = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What an enterprise ID stands for: the golden record itself, or how it ended and who follows it.

    `heirs`: live records that follow a retired one. `cause`: the last event of its life.
    """

    golden: Golden
    heirs: tuple[Golden, ...] = ()
    cause: str = ""


def by_enterprise_id(text: str, *, viewer: User, domain: str = "", key: crosswalk.Key | None = None) -> Answer:
    """The golden record of an ID as somebody typed it; a retired one says who follows.

    `key`: the caller's own source key: after a split the answer is the branch that holds it.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: it was never issued, is of another domain, or lies outside the viewer's confines.
    """
    golden = _row(text, viewer)
    reserved = _reserved(ids.parse(text), domain, viewer) if golden is None else None
    if reserved is not None:
        return reserved
    golden = _checked(golden, text, viewer=viewer, domain=domain)
    home = branch(golden, key, viewer=viewer) if key else None
    if home is not None and home.pk != golden.pk:
        return Answer(golden, (home,), "split")
    if golden.status == "LIVE":
        return Answer(golden)
    life = IdLife.objects.filter(golden=golden).order_by("-id").first()
    return Answer(golden, tuple(heirs(golden)), life.cause if life else "")


def seen(text: str, *, viewer: User, domain: str = "") -> Golden:
    """The row of an ID, live or retired, as far as it lies within the viewer's confines; one query.

    Raises:
        BadInput, BadCheckCharacter: this is no enterprise ID, or a mistyped one.
        NotFound: it was never issued, is of another domain, or lies outside the viewer's confines.
    """
    return _checked(_row(text, viewer), text, viewer=viewer, domain=domain)


def _row(text: str, viewer: User) -> Golden | None:
    return Golden.objects.within(domains=viewer.domains, regions=[]).filter(enterprise_id=ids.parse(text)).first()


def _checked(golden: Golden | None, text: str, *, viewer: User, domain: str) -> Golden:
    if golden is None or (domain and golden.domain != domain) or not _is_seen(golden, viewer):
        raise NotFound(f"Enterprise ID {text} is not known{f' among {domain} records' if domain else ''}.")
    return golden


def _reserved(name: str, domain: str, viewer: User) -> Answer | None:
    """What a reserved ID answers that no golden record carries: who stands for its claimant, or how it ended."""
    row = Reservation.objects.filter(Sight(viewer).in_domains(), enterprise_id=name).first()
    if row is None or (domain and row.domain != domain):
        return None
    if row.status == "RESERVED":
        raise NotFound(f"{name} is reserved until {row.expires_at:%Y-%m-%d %H:%M} UTC; no record carries it yet.")
    followers = tuple(heir for heir in claimed(row) if _is_seen(heir, viewer))
    if row.status == "CLAIMED" and not followers:
        return None
    status = "MERGED" if followers else row.status
    stand_in = Golden(enterprise_id=name, domain=row.domain, status=status, status_since=row.ended_at or row.reserved_at)
    return Answer(stand_in, followers, row.status.lower())


def claimed(row: Reservation) -> list[Golden]:
    """The live records that stand for the record which claimed a reserved ID; none while nobody claimed it."""
    if row.record_id is None:
        return []
    home = Crosswalk.objects.filter(record=row.record_id).select_related("golden").order_by("-id").first()
    if home is None:
        return []
    return [home.golden] if home.golden.status == "LIVE" else heirs(home.golden)


def _is_seen(golden: Golden, viewer: User) -> bool:
    return not viewer.regions or bool(set(viewer.regions) & set(golden.regions))


def branch(golden: Golden, key: crosswalk.Key, *, viewer: User) -> Golden | None:
    """The present home of `key`, when its record once stood in `golden`; three queries."""
    system, object, scope, native_id = key
    past = Crosswalk.objects.filter(
        golden=golden,
        record__source__system=system,
        record__source__object=object,
        record__scope=scope,
        record__native_id=native_id,
    )
    if not past.exists():
        return None
    try:
        entry = crosswalk.by_source_key(key, viewer=viewer)
    except NotFound:
        return None
    return Golden.objects.get(enterprise_id=entry.enterprise_id)


def heirs(golden: Golden) -> list[Golden]:
    """The live records at the end of a retired one's chain of successors, by ID. Cost: one query a link."""
    found: dict[int, Golden] = {}
    waiting, seen = list(golden.successors), {golden.enterprise_id}
    while waiting and len(seen) < LONGEST_CHAIN:
        seen |= set(waiting)
        rows = list(Golden.objects.filter(enterprise_id__in=waiting))
        found |= {row.pk: row for row in rows if row.status == "LIVE"}
        waiting = [name for row in rows if row.status != "LIVE" for name in row.successors if name not in seen]
    return [found[number] for number in sorted(found)]


def page(
    *, domain: str, viewer: User, query: str = "", after: int = 0, limit: int = PAGE, wanted: Wanted | None = None
) -> list[Golden]:
    """Live golden records of a domain by ascending row ID after `after`; `query` must occur in a searchable value.

    `wanted`: only those of that quality.

    Raises:
        BadInput: the domain has no such quality rule.
    """
    spec = releases.current(domain).spec
    rows = Golden.objects.live().within(domains=viewer.domains, regions=viewer.regions).filter(domain=domain, pk__gt=after)
    if query:
        rows = rows.filter(_holds(query, domain, Sight(viewer)), search__contains=query.casefold())
    rows = graded.narrowed(rows, wanted, spec) if wanted else rows
    return list(rows.order_by("id")[:limit])


def _holds(query: str, domain: str, sight: Sight) -> Q:
    """For a viewer who may not see some searchable values: `query` must stand in one of the others, or asking would tell them."""
    searched = set(sight.spec(domain).search)
    if not searched & sight.hidden(domain):
        return Q()
    open_names = sorted(searched - sight.hidden(domain))
    return reduce(or_, [Q(**{f"values__{name}__icontains": query}) for name in open_names], Q(label__icontains=query))


def shown(golden: Golden, *, sight: Sight) -> dict[str, Any]:
    """The values the viewer may see, the others masked."""
    return roles.masked(golden.values, sight.spec(golden.domain), sight.role)


def provenance(golden: Golden, *, viewer: User) -> dict[str, Any]:
    """Why each value is what it is; of masked attributes the beaten values are masked too."""
    return hide_beaten(golden.provenance, domain=golden.domain, viewer=viewer)


def hide_beaten(said: dict[str, Any], *, domain: str, viewer: User) -> dict[str, Any]:
    """Provenance without values that the viewer may not see: neither those that lost nor the parts of a union."""
    spec, role = releases.current(domain).spec, roles.Role(viewer.role)
    hidden = {name for name in said if roles.masked({name: "x"}, spec, role)[name] != "x"}
    return {name: masked_parts(why) if name in hidden else why for name, why in said.items()}


def masked_parts(why: dict[str, Any]) -> dict[str, Any]:
    """A reason without the values in it."""
    parts = {part: [{**each, "value": roles.MASK} for each in why[part]] for part in ("beat", "from") if part in why}
    return {**why, **parts}


def members(golden: Golden) -> list[dict[str, Any]]:
    """The live source records behind a golden record, by key."""
    rows = Crosswalk.objects.filter(golden=golden, valid_to=None).select_related("record__source").order_by("record__key")
    return [
        {
            "system": row.record.source.system_id,
            "object": row.record.source.object,
            "scope": row.record.scope,
            "native_id": row.record.native_id,
            "version": row.record.version,
            "since": row.valid_from,
            "updated_at": row.record.source_updated_at,
        }
        for row in rows
    ]


def relations(golden: Golden, *, viewer: User) -> list[dict[str, Any]]:
    """What a golden record points at, each resolved to the golden record that stands there now; at most two queries.

    `enterprise_id` is None where nothing stands that the viewer may see; see `aims.resolve` for IDs that ended.
    """
    return resolved(golden.relations, viewer=viewer)


def resolved(relations: dict[str, dict[str, Any]], *, viewer: User) -> list[dict[str, Any]]:
    """The same of relations at hand, those of a past version too: each with what stands there now.

    `since` and `until`: the first and the last day, where the source gives them.
    """
    said = list(relations.items())
    ids = aims.resolve([aim for _, aim in said], viewer=viewer)
    return [
        {
            "relation": name,
            "enterprise_id": found or None,
            "said": {part: value for part, value in aim.items() if part not in claims.BESIDE},
            "said_by": aim.get("said_by"),
            "since": aim.get("since"),
            "until": aim.get("until"),
        }
        for (name, aim), found in zip(said, ids, strict=True)
    ]


def history(golden: Golden, *, viewer: User, limit: int = PAGE) -> list[dict[str, Any]]:
    """The versions of a golden record, newest first, with the values the viewer may see."""
    spec, role = releases.current(golden.domain).spec, roles.Role(viewer.role)
    rows = GoldenVersion.objects.filter(golden=golden).order_by("-version")[:limit]
    return [
        {"version": row.version, "status": row.status, "recorded_at": row.recorded_at, "release": row.release,
         "values": roles.masked(row.values, spec, role), "change_set": row.change_set_id, "is_erased": row.is_erased}
        for row in rows
    ]  # fmt: skip
