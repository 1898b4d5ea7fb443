"""Who might this be? Candidates for attributes that nobody stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import mdm.engine.comparing as comparing
from mdm.engine import cleaning, columns, releases
from mdm.engine.releases import Release
from mdm.errors import BadInput, Problem
from mdm.models import Crosswalk, MatchKey, SourceRecord, User
from mdm.readers.golden.review.pair_page import attributes_behind
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import roles

MOST = 50
LEAST_PROBABILITY = 0.01


@dataclass(frozen=True, slots=True)
class Candidate:
    """One golden record that may be what was asked for. `weight` in bits; `band` AUTO, REVIEW or BELOW."""

    enterprise_id: str
    label: str
    record: str
    weight: float
    probability: float
    band: str
    explanation: dict[str, Any]


def candidates(*, domain: str, attributes: Mapping[str, Any], limit: int, viewer: User) -> list[Candidate]:
    """Golden records that may be the same as `attributes` describe, best first. Four queries, whatever the hub holds.

    Raises:
        NotFound: no such domain.
        BadInput: an attribute is unknown or its value is no such thing.
    """
    release = releases.current(domain)
    table = columns.standardise(release, [_cleaned(release, attributes)])
    found = MatchKey.objects.filter(key__in=columns.keys(release, table)[0]).values_list("record_id", flat=True).distinct()
    homes = _homes(list(found), viewer)
    if not homes:
        return []
    rows = list(SourceRecord.objects.filter(id__in=homes).values_list("id", "key", "standardised"))
    scored = comparing.score_against(release, table.rows()[0], [row[2] for row in rows])
    best: dict[str, tuple[float, float, str, int]] = {}
    for place in np.argsort(-scored.weight, kind="stable").tolist():
        enterprise_id = homes[rows[place][0]][0]
        if scored.probability[place] >= LEAST_PROBABILITY:
            best.setdefault(
                enterprise_id, (float(scored.weight[place]), float(scored.probability[place]), scored.bands[place], place)
            )
    top = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[: min(limit, MOST)]
    told = _told(release, table.rows()[0], [rows[place][2] for _, (*_, place) in top], viewer)
    return [
        Candidate(
            enterprise_id,
            homes[rows[place][0]][1],
            rows[place][1],
            round(weight, 3),
            round(probability, 6),
            band,
            explanation,
        )
        for (enterprise_id, (weight, probability, band, place)), explanation in zip(top, told, strict=True)
    ]


def _told(
    release: Release, asked: Mapping[str, Any], found: Sequence[Mapping[str, Any]], viewer: User
) -> Iterator[dict[str, Any]]:
    """Why, for each record found, with MASK in place of what it holds and the viewer may not see."""
    behind, hidden = attributes_behind(release), Sight(viewer).hidden(release.domain)
    for explanation in comparing.explain_against(release, asked, found):
        said = explanation.to_dict()
        said["steps"] = [
            {**step, "right": roles.MASK} if step["right"] and behind[step["comparison"]] & hidden else step
            for step in said["steps"]
        ]
        yield said


def _cleaned(release: Release, attributes: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(attributes) - set(release.spec.attribute_names))
    if unknown:
        raise BadInput(
            f"{release.domain} has no attribute {', '.join(repr(name) for name in unknown)}.",
            problems=[
                Problem(code="unknown_attribute", field=name, message=f"{name!r} is no attribute.", remedy="leave it out")
                for name in unknown
            ],
        )
    cleaned, problems = cleaning.clean(release.spec, [attributes])
    if problems[0]:
        first = next(iter(problems[0].values()))
        raise BadInput(first["message"], problems=tuple(problems[0].values()))
    return cleaned[0]


def _homes(records: list[int], viewer: User) -> dict[int, tuple[str, str]]:
    """Record to (enterprise ID, label) of its golden record, within the viewer's confines."""
    rows = Crosswalk.objects.filter(record_id__in=records, valid_to=None)
    if viewer.domains:
        rows = rows.filter(golden__domain__in=viewer.domains)
    if viewer.regions:
        rows = rows.filter(golden__regions__overlap=viewer.regions)
    return {
        record: (name, label) for record, name, label in rows.values_list("record_id", "golden__enterprise_id", "golden__label")
    }
