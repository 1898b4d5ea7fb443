"""The golden records that an act is about, the others it may take in, and what would be refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from mdm.engine.people.acts import Wanted
from mdm.errors import BadInput, Conflict, NotAllowed
from mdm.models import Crosswalk, Golden, User
from mdm.readers.golden import act_preview, search
from mdm.readers.golden.act_preview import Foresight
from mdm.readers.golden.search import Hit
from mdm.readers.governance.sight import Sight
from mdm.rules.golden import enterprise_id as ids


@dataclass(frozen=True, slots=True)
class Row:
    """One golden record as an act names it. `version`: what the page shows of it. `systems`: titles of those that hold it."""

    enterprise_id: str
    label: str
    version: int
    status: str
    record_count: int
    systems: tuple[str, ...]
    born_at: datetime


def rows(golden: Golden, names: Sequence[str], *, sight: Sight) -> tuple[Row, ...]:
    """`golden` and the others of its domain that `names` (as typed) name, in that order, each once; two queries.

    A name that is no ID, or of nothing that the viewer may see, is left out.
    """
    wanted = [golden.enterprise_id, *filter(None, map(_parsed, names))]
    same_domain = sight.goldens().filter(Q(pk=golden.pk) | Q(enterprise_id__in=wanted, domain=golden.domain))
    found = {row.enterprise_id: row for row in same_domain}
    codes: dict[int, set[str]] = {}
    homes = Crosswalk.objects.filter(golden__in=found.values(), valid_to=None)
    for home, system in homes.values_list("golden_id", "record__source__system_id").distinct():
        codes.setdefault(home, set()).add(system)
    return tuple(_row(found[name], codes, sight) for name in dict.fromkeys(wanted) if name in found)


def _parsed(name: str) -> str:
    try:
        return ids.parse(name)
    except BadInput:
        return ""


def _row(golden: Golden, codes: dict[int, set[str]], sight: Sight) -> Row:
    return Row(
        enterprise_id=golden.enterprise_id,
        label=sight.label(golden),
        version=golden.version,
        status=golden.status,
        record_count=golden.member_count,
        systems=tuple(sorted(sight.systems[code].title for code in codes.get(golden.pk, ()))),
        born_at=golden.born_at,
    )


def hits(text: str, *, domain: str, without: Collection[str], viewer: User) -> tuple[tuple[Hit, ...], str]:
    """Live golden records of `domain` that the search finds, and what is wrong with the question itself."""
    found = search.find(text, viewer=viewer, domain=domain)
    return tuple(hit for hit in found.hits if hit.status == "LIVE" and hit.enterprise_id not in without), found.note


def foreseen(wanted: Wanted, *, viewer: User, at: datetime) -> Foresight:
    """What would follow; what would be refused says so in its note, for a page that shows it beside what was chosen."""
    try:
        return act_preview.of_act(wanted, viewer=viewer, at=at)
    except (BadInput, Conflict, NotAllowed) as error:
        return Foresight(wanted.kind, "", "", note=error.message)
