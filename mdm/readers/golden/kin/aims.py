"""Where relations lead now: a key through the crosswalk, an enterprise ID through those that followed it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from mdm.models import User
from mdm.readers.golden import crosswalk
from mdm.readers.governance.sight import sees

HEIRS = """
    WITH RECURSIVE chain (said, id) AS (
        SELECT golden.enterprise_id, golden.id FROM mdm_golden golden WHERE golden.enterprise_id = ANY(%s)
        UNION
        SELECT chain.said, heir.id FROM chain
        JOIN mdm_golden golden ON golden.id = chain.id
        JOIN mdm_golden heir ON heir.enterprise_id = ANY(golden.successors)
    )
    SELECT chain.said, golden.enterprise_id, golden.domain, golden.regions, golden.status
    FROM chain JOIN mdm_golden golden ON golden.id = chain.id
"""
FORMER = """
    WITH RECURSIVE former (name) AS (
        SELECT unnest(%s::varchar[])
        UNION
        SELECT golden.enterprise_id FROM former
        JOIN mdm_golden golden ON golden.successors @> ARRAY[former.name] AND golden.status IN ('MERGED', 'SPLIT')
    )
    SELECT name FROM former
"""


@dataclass(frozen=True, slots=True)
class _End:
    """A golden record that an enterprise ID leads to, the ID's own one included."""

    enterprise_id: str
    domain: str
    regions: list[str]
    status: str


@dataclass(slots=True)
class _Chain:
    """An enterprise ID that somebody said, its golden record, and the live ones at the end of its successors."""

    own: _End | None = None
    live: list[_End] = field(default_factory=list)

    @property
    def end(self) -> _End | None:
        return self.live[0] if len(self.live) == 1 else self.own


def resolve(aims: Sequence[Mapping[str, Any]], *, viewer: User) -> list[str]:
    """The enterprise ID that each aim leads to now, in order; empty where nothing that the viewer may see stands there.

    An aim is the key of a record, or an enterprise ID. An ID that was merged away is answered by its only live heir; one that
    has several, or none, by itself: it says how it ended. One query for all keys, one for all IDs.
    """
    keys = [(aim.get("system", ""), aim.get("object", ""), aim.get("scope", ""), aim.get("native_id", "")) for aim in aims]
    by_key = dict.fromkeys(key for aim, key in zip(aims, keys, strict=True) if not aim.get("enterprise_id"))
    homes = dict(zip(by_key, crosswalk.lookup(list(by_key), viewer=viewer), strict=True))
    chains = _chains({str(aim["enterprise_id"]) for aim in aims if aim.get("enterprise_id")})
    found = []
    for aim, key in zip(aims, keys, strict=True):
        home = homes.get(key)
        if name := aim.get("enterprise_id"):
            end = chains[name].end if name in chains else None
            found.append(end.enterprise_id if end is not None and sees(viewer, domain=end.domain, regions=end.regions) else "")
        else:
            found.append(home.enterprise_id if home is not None else "")
    return found


def names_of(enterprise_ids: Collection[str]) -> set[str]:
    """All IDs under which a relation may name one of these golden records: their own, and those that lead to them alone.

    One query, and one more where IDs were merged into them.
    """
    with connection.cursor() as cursor:
        cursor.execute(FORMER, [list(enterprise_ids)])
        former = {name for (name,) in cursor.fetchall()} - set(enterprise_ids)
    leading = {name for name, chain in _chains(former).items() if chain.end and chain.end.enterprise_id in enterprise_ids}
    return {*enterprise_ids, *leading}


def _chains(names: Collection[str]) -> dict[str, _Chain]:
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(HEIRS, [sorted(names)])
        rows = cursor.fetchall()
    chains: dict[str, _Chain] = {}
    for said, *parts in rows:
        chain, end = chains.setdefault(said, _Chain()), _End(*parts)
        chain.own = end if end.enterprise_id == said else chain.own
        if end.status == "LIVE":
            chain.live.append(end)
    return chains
