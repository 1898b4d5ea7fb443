"""Match keys, pairs and the grouping of records, made again from standardised values, decisions and the released model."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mdm.engine import columns, comparing, components, plans, releases
from mdm.engine.components import Component
from mdm.engine.releases import Release
from mdm.models import DomainRelease, Job, MatchKey, MatchPair, SourceRecord
from mdm.readers.governance.rebuilding.verdict import Verdict, said
from mdm.rules.governance.releasing.release_stages import GROUPS

CHUNK = 500
"""Records whose components are held in memory at once; a component is read as a whole, whatever its size."""


def check(*, chunk: int = CHUNK) -> Verdict:
    """All live records by domain and ID. About ten queries a chunk.

    Left out are records that were prepared under another match model than the present one, until they are matched anew, and
    components that wait to be clustered by a job. What seems to differ is looked at once more, for it may have been written
    meanwhile.
    """
    counted = 0
    for domain in releases.domains():
        release = releases.current(domain)
        for records in _wholes(domain, chunk):
            ready = _prepared(release, records)
            if _fault(release, records, ready) and (fault := _fault(release, records, _prepared(release, records))):
                return Verdict(counted, fault)
            counted += len(ready)
    return Verdict(counted)


def _wholes(domain: str, chunk: int) -> Iterator[set[int]]:
    """Sets of whole components that hold all live records, each component once; what is remembered are those met early."""
    after, met = 0, set[int]()
    rows = SourceRecord.objects.filter(domain=domain, is_live=True).order_by("id")
    while ids := list(rows.filter(pk__gt=after).values_list("id", flat=True)[:chunk]):
        after = ids[-1]
        records = components.expand(set(ids) - met)
        met = {record for record in met | records if record > after}
        if records:
            yield records


def _prepared(release: Release, records: Collection[int]) -> dict[int, SourceRecord]:
    """Those of the records that are live and were prepared under the present match model; two queries."""
    same = _same_matching(release)
    rows = SourceRecord.objects.filter(pk__in=records, is_live=True, release__in=same).order_by("id")
    return {row.pk: row for row in rows}


def _same_matching(release: Release) -> Collection[int]:
    """Numbers of the releases that standardise, key and weigh as the present one does; once everything is brought over to it,
    those that give a record the same form: what hangs on the form was done anew.
    """
    if release.is_settled:
        return releases.alike(release)
    numbers = DomainRelease.objects.filter(domain=release.domain).values_list("number", flat=True)
    found = releases.touched_since(release, numbers)
    return [number for number, touched in found.items() if not touched.any(GROUPS)]


def _fault(release: Release, records: Collection[int], ready: dict[int, SourceRecord]) -> str:
    """The first difference among whole components, empty when there is none."""
    return _keys(release, ready) or _pairs(release, ready) or _grouping(release, records, ready)


def _keys(release: Release, ready: dict[int, SourceRecord]) -> str:
    """Standardised values from attributes, match keys from both."""
    rows = list(ready.values())
    table = columns.standardise(release, [row.attributes for row in rows])
    stored: dict[int, list[int]] = {}
    for record, key in MatchKey.objects.filter(record__in=ready).order_by("key").values_list("record_id", "key"):
        stored.setdefault(record, []).append(key)
    for row, values, keys in zip(rows, table.rows(), columns.keys(release, table), strict=True):
        if said(values) != said(row.standardised):
            return f"{row.key} is standardised otherwise than its attributes give it."
        if keys != stored.get(row.pk, []):
            return f"{row.key} has other match keys than its values give it."
    return ""


def _pairs(release: Release, ready: dict[int, SourceRecord]) -> str:
    """Pairs among records that were all prepared under the present model."""
    made = {(pair.left, pair.right): pair for pair in plans.pairs_of(release, ready) if {pair.left, pair.right} <= ready.keys()}
    rows = MatchPair.objects.filter(left__in=ready, right__in=ready).exclude(band="ASKED")
    stored = {(row.left_id, row.right_id): row for row in rows}
    for ends in sorted(made.keys() | stored.keys()):
        one, two = made.get(ends), stored.get(ends)
        if one is None or two is None or (one.weight, one.band, one.pattern) != (two.weight, two.band, two.pattern):
            return f"The pair of {ready[ends[0]].key} and {ready[ends[1]].key} is stored otherwise than they compare."
    return ""


def _grouping(release: Release, records: Collection[int], ready: dict[int, SourceRecord]) -> str:
    """Clusters of whole components against the golden records that their records stand in."""
    whole = components.read(records)
    if len(whole.nodes) != len(ready) or _waits(records):
        return ""
    clusters = _clusters(release, whole)
    homes: dict[int, set[int]] = {}
    for record, golden in whole.homes.items():
        homes.setdefault(golden, set()).add(record)
    wrong = {frozenset(group) for group in homes.values()} ^ set(clusters)
    if wrong:
        keys = sorted(ready[record].key for record in min(wrong, key=min))
        return f"Records are grouped otherwise than the model and the decisions give it: {', '.join(keys[:5])}."
    return ""


def _clusters(release: Release, whole: Component) -> tuple[frozenset[int], ...]:
    pairs = [(pair.left_id, pair.right_id, pair.weight) for pair in whole.pairs if pair.band != "ASKED"]
    return comparing.cluster(release, whole.nodes, pairs, same=whole.same, different=whole.different).clusters


def _waits(records: Collection[int]) -> bool:
    """Whether one of them heads a component that a job has still to cluster."""
    waiting = Job.objects.filter(kind="cluster", status__in=["QUEUED", "RUNNING", "DEAD"])
    return waiting.filter(subject__in=records).exists()
