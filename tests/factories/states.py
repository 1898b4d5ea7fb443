"""The state of the hub as plain values, to compare before and after."""

from __future__ import annotations

from typing import Any

from mdm.engine import members, releases
from mdm.engine.people import pinned
from mdm.models import Crosswalk, Golden, GoldenVersion
from mdm.readers.governance import invariants


def goldens() -> dict[str, tuple[Any, ...]]:
    """By enterprise ID: status, members, values, relations and why each value is what it is."""
    keys: dict[int, list[str]] = {}
    for golden, key in Crosswalk.objects.filter(valid_to=None).order_by("record__key").values_list("golden_id", "record__key"):
        keys.setdefault(golden, []).append(key)
    return {
        row.enterprise_id: (row.status, tuple(keys.get(row.pk, [])), row.values, row.relations, row.provenance)
        for row in Golden.objects.order_by("id")
    }


def live() -> dict[str, tuple[Any, ...]]:
    return {name: state for name, state in goldens().items() if state[0] == "LIVE"}


def faults() -> list[str]:
    """What does not hold: invariants of the tables, and golden records that a rebuild would make otherwise."""
    found = [f"{broken.sentence} {broken.ids}" for broken in invariants.broken()]
    found += [f"a rebuild of {name} gives another golden record" for name in unlike_their_rebuild()]
    return found + [f"{version} cannot be computed again" for version in unlike_their_past()]


def unlike_their_rebuild() -> list[str]:
    """Live golden records whose stored values are not what their members, the released rules and the date give."""
    goldens = {golden.pk: golden for golden in Golden.objects.live()}
    rows = members.read(goldens)  # the very reading that the writer uses; what is compared is the result
    pins = pinned.standing(goldens)
    found = []
    for number, golden in goldens.items():
        release = releases.numbered(golden.domain, golden.release)
        again = members.survive(release, rows.get(number, []), at=golden.changed_at, overrides=[*pins.get(number, {}).values()])
        if (again.values, again.provenance, again.relations) != (golden.values, golden.provenance, golden.relations):
            found.append(golden.enterprise_id)
    return found


def unlike_their_past() -> list[str]:
    """Versions of golden records, past ones too, that their members' versions, the rules and the time of then do not give."""
    found, versions = [], list(GoldenVersion.objects.select_related("golden").order_by("id"))
    made_of = [list(zip(one.members, one.member_versions, strict=True)) for one in versions]
    rows = members.of_versions({wanted for each in made_of for wanted in each})
    pins = pinned.of_versions([(one.golden_id, one.overrides) for one in versions])
    for one, each, counted in zip(versions, made_of, pins, strict=True):
        release = releases.numbered(one.golden.domain, one.release)
        again = members.survive(
            release, [rows[wanted] for wanted in each if wanted in rows], at=one.recorded_at, overrides=counted
        )
        if (again.values, again.provenance, again.relations) != (one.values, one.provenance, one.relations):
            found.append(f"{one.golden.enterprise_id} version {one.version}")
    return found
