"""What hangs on golden records: who points at them, in how many systems, and how much money.

Reached is what names one of their records in a relation, or an enterprise ID of theirs, merged ones included; and what names
one of those. Hierarchies are followed one step: a
child is touched by what happens to its parent, the child's own customers and invoices are not.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from mdm.readers.counting import Count
from mdm.readers.governance.sight import Sight
from mdm.rules.governance import money as rules
from mdm.rules.governance.money import Money, Reporting, Sums

MOST = 10_000
"""Golden records of one step that a page still counts."""

# What points at a record is found by the index on relations, one look a name. Left to itself PostgreSQL takes each name for a
# thousandth of all records and reads the whole table instead: two minutes rather than milliseconds at 800,000 records.
BY_INDEX, AS_BEFORE = (
    "; ".join(f"SET LOCAL {name} TO {value}" for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"))
    for value in ("off", "DEFAULT")
)
NAMED = """
    SELECT start.root, golden.domain, jsonb_build_object('system', source.system_id, 'object', source.object,
                                                         'scope', record.scope, 'native_id', record.native_id) AS aim
    FROM {start} start JOIN mdm_golden golden ON golden.id = start.golden
    JOIN mdm_crosswalk home ON home.golden_id = golden.id AND home.valid_to IS NULL
    JOIN mdm_sourcerecord record ON record.id = home.record_id
    JOIN mdm_sourceobject source ON source.id = record.source_id
    UNION ALL
    SELECT root, domain, jsonb_build_object('enterprise_id', name) FROM (
        WITH RECURSIVE known (root, domain, name) AS (
            SELECT start.root, golden.domain, golden.enterprise_id
            FROM {start} start JOIN mdm_golden golden ON golden.id = start.golden
            UNION
            SELECT known.root, known.domain, former.enterprise_id FROM known
            JOIN mdm_golden former ON former.successors = ARRAY[known.name] AND former.status IN ('MERGED', 'SPLIT')
        )
        SELECT root, domain, name FROM known
    ) AS own
"""
STEP = """
    SELECT named.root, golden.id AS golden, bool_and(edge.is_hierarchy) AS is_child
    FROM ({named}) AS named
    JOIN edge ON edge.aim = named.domain AND ({which})
    JOIN mdm_sourcerecord record
      ON record.relations @> jsonb_build_object(edge.name, named.aim) AND record.relations <> '{{}}'
     AND record.domain = edge.domain AND record.is_live
    JOIN mdm_crosswalk home ON home.record_id = record.id AND home.valid_to IS NULL
    JOIN mdm_golden golden ON golden.id = home.golden_id
    WHERE %(regions)s::text[] = '{{}}' OR golden.regions::text[] && %(regions)s::text[]
    GROUP BY named.root, golden.id LIMIT %(most)s
"""
REACHED = f"""
    WITH edge AS (SELECT * FROM unnest(%(domains)s::text[], %(names)s::text[], %(aims)s::text[], %(trees)s::boolean[])
                             AS edge (domain, name, aim, is_hierarchy)),
         worth AS (SELECT * FROM jsonb_to_recordset(%(worth)s)
                              AS worth (domain text, amount text, currency text, attribute text, open jsonb)),
         root AS (SELECT * FROM unnest(%(roots)s::bigint[], %(goldens)s::bigint[]) AS root (root, golden)),
         near AS MATERIALIZED ({STEP.format(named=NAMED.format(start="root"), which="true")}),
         onward AS (SELECT root, golden FROM near WHERE NOT is_child),
         far AS MATERIALIZED ({STEP.format(named=NAMED.format(start="onward"), which="NOT edge.is_hierarchy")}),
         reached AS (SELECT root, golden, min(depth) AS depth
                     FROM (SELECT root, golden, 0 AS depth FROM root UNION ALL SELECT root, golden, 1 FROM near
                           UNION ALL SELECT root, golden, 1 FROM far) AS every GROUP BY root, golden)
"""
SUMS = f"""
    {REACHED}
    SELECT reached.root, golden.domain, golden.values ->> worth.currency,
           count(*) FILTER (WHERE reached.depth > 0), sum((golden.values ->> worth.amount)::numeric)
    FROM reached JOIN mdm_golden golden ON golden.id = reached.golden
    LEFT JOIN worth ON worth.domain = golden.domain AND golden.values ->> worth.amount ~ '^-?[0-9]{{1,30}}([.][0-9]{{1,30}})?$'
      AND (worth.attribute IS NULL OR worth.open @> to_jsonb(golden.values ->> worth.attribute))
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
SYSTEMS = f"""
    {REACHED}
    SELECT DISTINCT source.system_id FROM reached
    JOIN mdm_crosswalk home ON home.golden_id = reached.golden AND home.valid_to IS NULL
    JOIN mdm_sourcerecord record ON record.id = home.record_id
    JOIN mdm_sourceobject source ON source.id = record.source_id ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """Golden records of one domain that hang on the ones in question. `title`: of one, `title_plural`: of several."""

    domain: str
    title: str
    title_plural: str
    count: Count


@dataclass(frozen=True, slots=True)
class Attached:
    """One kind of money: contract value, open invoices. `is_masked`: there may be some that this viewer must not see."""

    domain: str
    title: str
    sums: Sums
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class Radius:
    """What hangs on some golden records, as far as the viewer may see it.

    `total`: all money in the one reporting currency; None where no rates are declared, one is missing, or some is masked.
    """

    touched: tuple[Touched, ...] = ()
    systems: tuple[str, ...] = ()
    money: tuple[Attached, ...] = ()
    total: Mapping[str, Decimal] | None = None

    def __bool__(self) -> bool:
        return bool(self.touched or self.money)


def radius(goldens: Collection[int], *, sight: Sight) -> Radius:
    """What hangs on `goldens`: records by domain, systems, money by currency. Two queries, whatever their number."""
    roots = [(0, golden) for golden in sorted(goldens)]
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, dict[str, Decimal]] = defaultdict(dict)
    worth, homes = _asked((SUMS, SYSTEMS), roots, sight=sight, most=MOST)
    for _, domain, currency, count, amount in worth:
        counts[domain] += count
        if currency is not None and amount is not None:
            sums[domain][currency] = amount
    touched = tuple(_touched(domain, count, sight) for domain, count in sorted(counts.items()) if count)
    systems = [sight.systems[code].title for (code,) in homes]
    attached = tuple(_attached(domain, sums.get(domain, {}), sight) for domain in sorted(counts) if sight.spec(domain).money)
    shown = tuple(each for each in attached if each.sums or each.is_masked)
    reporting = reporting_of(sight)
    total = rules.converted(rules.added(*(each.sums for each in shown)), reporting)
    is_whole = reporting is not None and set(total) == {reporting.currency} and not any(each.is_masked for each in shown)
    return Radius(touched, tuple(sorted(systems)), shown, total if is_whole else None)


def attached(roots: Collection[tuple[int, int]], *, sight: Sight) -> dict[int, dict[str, dict[str, Decimal]]]:
    """The money that hangs on golden records, by root, domain and currency. One query.

    `roots`: (any number, golden record); what hangs on two of one root counts once.
    """
    found: dict[int, dict[str, dict[str, Decimal]]] = {}
    (worth,) = _asked((SUMS,), roots, sight=sight, most=None)
    for root, domain, currency, _, amount in worth:
        if currency is not None and amount is not None:
            found.setdefault(root, {}).setdefault(domain, {})[currency] = amount
    return found


def reporting_of(sight: Sight) -> Reporting | None:
    """The currency in which money is added up: declared by every domain that has money, and by all alike; else none."""
    declared = [money.reporting for _, money in _moneys(sight)]
    return declared[0] if declared and all(each == declared[0] for each in declared) else None


def is_hidden(domain: str, *, sight: Sight) -> bool:
    """Whether the viewer may not see the money of `domain`."""
    money = sight.spec(domain).money
    return money is None or bool(money.attributes & sight.hidden(domain))


def _moneys(sight: Sight) -> Iterator[tuple[str, Money]]:
    for domain in sight.domains:
        if (money := sight.spec(domain).money) is not None:
            yield domain, money


def _touched(domain: str, count: int, sight: Sight) -> Touched:
    spec = sight.spec(domain)
    return Touched(domain, spec.title, spec.title_plural, Count(min(count, MOST), count >= MOST))


def _attached(domain: str, sums: Sums, sight: Sight) -> Attached:
    money = sight.spec(domain).money
    assert money is not None
    return Attached(domain, money.title, sums, is_masked=is_hidden(domain, sight=sight))


def _asked(
    questions: Sequence[str], roots: Iterable[tuple[int, int]], *, sight: Sight, most: int | None
) -> list[list[tuple[Any, ...]]]:
    """The rows that each of the questions gives."""
    values = _values(list(roots), sight=sight, most=most)
    found: list[list[tuple[Any, ...]]] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BY_INDEX)
        for sql in questions:
            cursor.execute(sql, values)
            found.append(cursor.fetchall())
        cursor.execute(AS_BEFORE)
    return found


def _values(roots: list[tuple[int, int]], *, sight: Sight, most: int | None) -> dict[str, Any]:
    edges = [(name, relation) for name in sight.domains for relation in sight.spec(name).relations]
    worth = [_worth(domain, money) for domain, money in _moneys(sight) if not is_hidden(domain, sight=sight)]
    return {
        "domains": [name for name, _ in edges],
        "names": [relation.name for _, relation in edges],
        "aims": [relation.domain for _, relation in edges],
        "trees": [relation.is_hierarchy for _, relation in edges],
        "worth": json.dumps(worth),
        "roots": [root for root, _ in roots],
        "goldens": [golden for _, golden in roots],
        "regions": sight.viewer.regions,
        "most": most,
    }


def _worth(domain: str, money: Money) -> dict[str, Any]:
    when = money.open_when
    plain = {"domain": domain, "amount": money.amount, "currency": money.currency}
    return {**plain, "attribute": when.attribute if when else None, "open": list(when.values) if when else None}
