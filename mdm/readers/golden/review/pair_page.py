"""One pair with everything a steward needs to decide it: both records field by field, the evidence, what would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdm.engine import comparing
from mdm.engine.releases import Release
from mdm.errors import NotFound
from mdm.models import Crosswalk, Golden, MatchPair, SourceRecord, User
from mdm.readers.golden import merge_preview
from mdm.readers.golden.merge_preview import Preview
from mdm.readers.golden.review import pairs
from mdm.readers.golden.review.pairs import Said, Side
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import roles


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two records, and the golden record it stands for now."""

    side: Side
    system_title: str
    object: str
    scope: str
    changed_at: datetime
    golden_label: str
    member_count: int


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of both records. Values as they are, for comparing; `is_masked` forbids showing them.

    `is_compared`: matching weighs it. `agrees`: matching found it the same (after cleaning), None where it could not say.
    """

    name: str
    title: str
    left: Any
    right: Any
    is_masked: bool
    is_compared: bool
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Step:
    """What one comparison saw, its values masked where they must be. `weight` in bits."""

    label: str
    left: str
    right: str
    level: str
    sentence: str
    weight: float
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the pair weighs what it does: bits that add up to `total`, and the smallest changes that would flip it."""

    prior: float
    steps: tuple[Step, ...]
    total: float
    probability: float
    rule: str
    flips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairPage:
    """One pair. `pair` holds its version and status; `holder`: the colleague who has it open now, else empty.

    `standing`: the decision that stands on it, None when nobody has decided it.
    """

    pair: MatchPair
    domain_title: str
    left: Party
    right: Party
    fields: tuple[Field, ...]
    evidence: Evidence
    preview: Preview
    holder: str
    standing: Said | None


def page(pair_id: int, *, viewer: User, at: datetime) -> PairPage:
    """Everything about one pair. A fixed number of queries beside one for each hop of its component.

    Raises:
        NotFound: there is no such pair, or it lies outside the viewer's confines.
    """
    sight = Sight(viewer)
    rows = MatchPair.objects.filter(
        sight.in_domains(), sight.record_is_near("left_id"), sight.record_is_near("right_id"), pk=pair_id
    )
    pair = rows.select_related("left__source", "right__source", "leased_by").first()
    if pair is None:
        raise NotFound(f"There is no pair {pair_id}; its records changed, or it was never found.")
    release = sight.release(pair.domain)
    goldens = _goldens(pair)
    explanation = comparing.explain(release, pair.left.standardised, pair.right.standardised, decision=_word(pair.status))
    behind = attributes_behind(release)
    return PairPage(
        pair=pair,
        domain_title=release.spec.title,
        left=_party(pair.left, goldens, sight),
        right=_party(pair.right, goldens, sight),
        fields=_fields(pair, explanation, behind, sight),
        evidence=_evidence(explanation, behind, sight.hidden(pair.domain)),
        preview=merge_preview.of_same(pair, sight=sight, at=at) if pair.status in pairs.WAITING else Preview(),
        holder=pairs.holder(pair, viewer=viewer, at=at),
        standing=pairs.standing(pair, sight=sight),
    )


def _word(status: str) -> str | None:
    return status.lower() if status in {"SAME", "DIFFERENT"} else None


def _goldens(pair: MatchPair) -> dict[int, Golden]:
    """Record to its present golden record; one query."""
    links = Crosswalk.objects.filter(record_id__in=(pair.left_id, pair.right_id), valid_to=None).select_related("golden")
    return {link.record_id: link.golden for link in links}


def _party(record: SourceRecord, goldens: Mapping[int, Golden], sight: Sight) -> Party:
    golden = goldens.get(record.pk)
    homes = {record.pk: golden.enterprise_id} if golden else {}
    return Party(
        side=pairs.side(record, homes, sight=sight),
        system_title=sight.systems[record.source.system_id].title,
        object=record.source.object,
        scope=record.scope,
        changed_at=record.source_updated_at or record.changed_at,
        golden_label=sight.label(golden) if golden else "",
        member_count=golden.member_count if golden else 0,
    )


def attributes_behind(release: Release) -> dict[str, frozenset[str]]:
    """Comparison name to the domain's attributes that it reads, through derived features too."""
    derived = {item.feature: item.first_of for item in release.model.derived}
    ours = release.spec.match.attributes
    found = {}
    for comparison in release.model.comparisons:
        features = {feature for name in comparison.inputs.values() for feature in derived.get(name, (name,))}
        found[comparison.name] = frozenset(ours[name] for feature in features if (name := feature.partition(".")[0]) in ours)
    return found


def _fields(pair: MatchPair, explanation: Any, behind: Mapping[str, frozenset[str]], sight: Sight) -> tuple[Field, ...]:
    """Attributes that at least one record has: what matching weighs first, in the order it weighs, then the rest as declared."""
    left, right, hidden = pair.left.attributes, pair.right.attributes, sight.hidden(pair.domain)
    weighed = list(dict.fromkeys(name for step in explanation.steps for name in _ordered(behind[step.comparison], pair, sight)))
    titles = sight.titles(pair.domain)
    names = [*weighed, *(item.name for item in sight.spec(pair.domain).attributes if item.name not in weighed)]
    verdicts = _agreements(explanation.steps, behind)
    return tuple(
        Field(name, titles[name], left.get(name), right.get(name), name in hidden, name in weighed, verdicts.get(name))
        for name in names
        if left.get(name) is not None or right.get(name) is not None
    )


def _ordered(names: frozenset[str], pair: MatchPair, sight: Sight) -> list[str]:
    return [item.name for item in sight.spec(pair.domain).attributes if item.name in names]


def _agreements(steps: Iterable[Any], behind: Mapping[str, frozenset[str]]) -> dict[str, bool | None]:
    """Attributes that a comparison reads alone, and whether it found them the same: level 1 is the best."""
    found: dict[str, bool | None] = {}
    for step in steps:
        if len(behind[step.comparison]) == 1:
            (name,) = behind[step.comparison]
            found.setdefault(name, None if step.level == 0 else step.level == 1)
    return found


def _evidence(explanation: Any, behind: Mapping[str, frozenset[str]], hidden: frozenset[str]) -> Evidence:
    steps = []
    for step in explanation.steps:
        is_hidden = bool(behind[step.comparison] & hidden)
        left, right = (roles.MASK if is_hidden and text else text or "" for text in (step.left, step.right))
        steps.append(Step(step.label, left, right, step.level_label, step.sentence, step.weight, step.level == 0))
    return Evidence(
        prior=explanation.prior,
        steps=tuple(steps),
        total=explanation.total,
        probability=explanation.probability,
        rule=explanation.rule,
        flips=explanation.counterfactuals,
    )
