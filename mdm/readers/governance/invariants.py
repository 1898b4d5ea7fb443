"""What must hold of the tables at any moment between two transactions: each a sentence and the SQL that finds what breaks it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

MOST = 10


@dataclass(frozen=True, slots=True)
class Broken:
    """One invariant that does not hold. `ids`: the first rows that break it."""

    sentence: str
    ids: tuple[int, ...]


INVARIANTS = {
    "Every live source record belongs to exactly one live golden record.": """
        SELECT record.id FROM mdm_sourcerecord record
        WHERE record.is_live AND 1 <> (
            SELECT count(*) FROM mdm_crosswalk home JOIN mdm_golden golden ON golden.id = home.golden_id
            WHERE home.record_id = record.id AND home.valid_to IS NULL
              AND golden.status = 'LIVE' AND golden.domain = record.domain)
    """,
    "A deleted source record belongs to no golden record.": """
        SELECT record.id FROM mdm_sourcerecord record
        JOIN mdm_crosswalk home ON home.record_id = record.id AND home.valid_to IS NULL
        WHERE NOT record.is_live
    """,
    "A live golden record has members, a retired one has none, and it knows how many.": """
        SELECT golden.id FROM mdm_golden golden
        LEFT JOIN LATERAL (
            SELECT count(*) AS n FROM mdm_crosswalk home WHERE home.golden_id = golden.id AND home.valid_to IS NULL
        ) AS members ON true
        WHERE members.n <> golden.member_count OR (golden.status = 'LIVE') <> (members.n > 0)
    """,
    "The memberships of a record follow each other and never overlap.": """
        SELECT earlier.id FROM mdm_crosswalk earlier JOIN mdm_crosswalk later ON later.record_id = earlier.record_id
        WHERE later.id > earlier.id AND (earlier.valid_to IS NULL OR earlier.valid_to > later.valid_from)
    """,
    "Every enterprise ID was born once, and its life ends as its golden record stands.": """
        SELECT golden.id FROM mdm_golden golden
        WHERE 1 <> (SELECT count(*) FROM mdm_idlife life WHERE life.golden_id = golden.id AND life.cause = 'born')
           OR golden.status <> (
            SELECT life.status FROM mdm_idlife life WHERE life.golden_id = golden.id ORDER BY life.id DESC LIMIT 1)
    """,
    "A reserved ID belongs to a golden record only when a record claimed it.": """
        SELECT reserved.id FROM mdm_reservation reserved JOIN mdm_golden golden USING (enterprise_id)
        WHERE reserved.status <> 'CLAIMED' OR reserved.domain <> golden.domain
    """,
    "Successors exist, and no chain of successors comes back to its beginning.": """
        WITH RECURSIVE chain (start, id) AS (
            SELECT golden.id, golden.id FROM mdm_golden golden WHERE golden.status IN ('MERGED', 'SPLIT')
            UNION
            SELECT chain.start, heir.id FROM chain JOIN mdm_golden golden ON golden.id = chain.id
            JOIN mdm_golden heir ON heir.enterprise_id = ANY(golden.successors)
        ), step AS (
            SELECT chain.start, heir.id FROM chain JOIN mdm_golden golden ON golden.id = chain.id
            JOIN mdm_golden heir ON heir.enterprise_id = ANY(golden.successors)
        )
        SELECT start FROM step WHERE start = id
        UNION SELECT golden.id FROM mdm_golden golden CROSS JOIN unnest(golden.successors) AS name
        WHERE NOT EXISTS (SELECT 1 FROM mdm_golden heir WHERE heir.enterprise_id = name)
    """,
    "No two records that a person called different share a golden record.": """
        SELECT decision.id FROM mdm_decision decision
        JOIN mdm_crosswalk one ON one.record_id = decision.left_id AND one.valid_to IS NULL
        JOIN mdm_crosswalk two ON two.record_id = decision.right_id AND two.valid_to IS NULL AND two.golden_id = one.golden_id
        WHERE decision.undone_at IS NULL AND decision.verdict = 'DIFFERENT'
    """,
    "Two records that a person called the same share a golden record, unless another word keeps theirs apart.": """
        WITH said AS MATERIALIZED (
            SELECT decision.id, decision.verdict, least(one.golden_id, two.golden_id) AS low,
                   greatest(one.golden_id, two.golden_id) AS high
            FROM mdm_decision decision
            JOIN mdm_crosswalk one ON one.record_id = decision.left_id AND one.valid_to IS NULL
            JOIN mdm_crosswalk two ON two.record_id = decision.right_id AND two.valid_to IS NULL
            WHERE decision.undone_at IS NULL AND two.golden_id <> one.golden_id
        )
        SELECT id FROM said WHERE verdict = 'SAME' AND NOT EXISTS (
            SELECT 1 FROM said apart WHERE apart.verdict = 'DIFFERENT' AND apart.low = said.low AND apart.high = said.high)
    """,
    "A pinned value acts on a live golden record, or waits on one whose records are gone.": """
        SELECT pinned.id FROM mdm_override pinned JOIN mdm_golden carrier ON carrier.id = pinned.carrier_id
        JOIN mdm_golden own ON own.id = pinned.golden_id
        WHERE pinned.ended_at IS NULL
          AND (carrier.status NOT IN ('LIVE', 'RETIRED') OR own.status IN ('LIVE', 'RETIRED') AND carrier.id <> own.id)
    """,
    "A golden record has a version and an event for each number, without gaps, from where its history is kept on.": """
        SELECT golden.id FROM mdm_golden golden
        LEFT JOIN mdm_historyfloor floor ON floor.domain = golden.domain
        LEFT JOIN LATERAL (
            SELECT count(*) AS n, min(version) AS first, max(version) AS last FROM mdm_goldenversion WHERE golden_id = golden.id
        ) AS kept ON true
        LEFT JOIN LATERAL (
            SELECT count(*) AS n, min(sequence) AS first, max(sequence) AS last FROM mdm_event WHERE golden_id = golden.id
        ) AS told ON true
        WHERE kept.n = 0 OR told.n = 0 OR kept.last <> golden.version OR told.last <> golden.version
           OR kept.first <> told.first OR kept.n <> golden.version - kept.first + 1 OR told.n <> kept.n
           OR (kept.first > 1 AND floor.golden_from IS NULL)
    """,
    "The newest version of a golden record is what its row says.": """
        SELECT golden.id FROM mdm_golden golden
        JOIN mdm_goldenversion kept ON kept.golden_id = golden.id AND kept.version = golden.version
        WHERE (kept.values, kept.provenance, kept.relations, kept.status, kept.release)
              IS DISTINCT FROM (golden.values, golden.provenance, golden.relations, golden.status, golden.release)
    """,
    "The newest version of a golden record names its present members.": """
        SELECT golden.id FROM mdm_golden golden
        JOIN mdm_goldenversion kept ON kept.golden_id = golden.id AND kept.version = golden.version
        WHERE ARRAY(SELECT unnest(kept.members) ORDER BY 1) <> ARRAY(
            SELECT home.record_id FROM mdm_crosswalk home
            WHERE home.golden_id = golden.id AND home.valid_to IS NULL ORDER BY 1)
    """,
    "Every version of a golden record names for each member a version of it that is kept and was live.": """
        SELECT kept.id FROM mdm_goldenversion kept
        CROSS JOIN unnest(kept.members, kept.member_versions) AS member (record, version)
        LEFT JOIN mdm_sourceversion said
          ON said.record_id = member.record AND said.version = member.version AND NOT said.is_superseded
        WHERE said.is_live IS NOT TRUE
    """,
    "The newest version of a source record is what its row says.": """
        SELECT record.id FROM mdm_sourcerecord record
        LEFT JOIN mdm_sourceversion said
          ON said.record_id = record.id AND said.version = record.version AND NOT said.is_superseded
        WHERE (said.attributes, said.relations, said.invalid, said.is_live)
              IS DISTINCT FROM (record.attributes, record.relations, record.invalid, record.is_live)
    """,
    "Positions of events have no gap above what retention removed, and follow the order of each golden record.": """
        WITH floor AS (SELECT coalesce(max(position), 0) AS position FROM mdm_historyfloor)
        SELECT id FROM (
            SELECT event.id, event.position - floor.position AS place, row_number() OVER (ORDER BY event.position) AS n
            FROM mdm_event event CROSS JOIN floor WHERE event.position > floor.position
        ) AS above WHERE place <> n
        UNION ALL
        SELECT id FROM (
            SELECT id, position, lag(position) OVER (PARTITION BY golden_id ORDER BY sequence) AS before
            FROM mdm_event WHERE position IS NOT NULL
        ) AS told WHERE before > position
    """,
    "Every golden value says where it comes from.": """
        SELECT golden.id FROM mdm_golden golden CROSS JOIN jsonb_object_keys(golden.values) AS name
        WHERE NOT golden.provenance ? name
    """,
    "A pair joins records that share a match key, or a person's word keeps it.": """
        SELECT pair.id FROM mdm_matchpair pair
        WHERE pair.band <> 'ASKED' AND 0 = (
            SELECT count(*) FROM mdm_matchkey one
            JOIN mdm_matchkey two ON two.key = one.key AND two.record_id = pair.right_id
            WHERE one.record_id = pair.left_id)
    """,
    "A pair asks only between two golden records, and is called joined only inside one.": """
        SELECT pair.id FROM mdm_matchpair pair
        JOIN mdm_crosswalk one ON one.record_id = pair.left_id AND one.valid_to IS NULL
        JOIN mdm_crosswalk two ON two.record_id = pair.right_id AND two.valid_to IS NULL
        WHERE pair.status NOT IN ('SAME', 'DIFFERENT') AND (pair.status = 'JOINED') <> (one.golden_id = two.golden_id)
    """,
    "Match keys belong to live records.": """
        SELECT DISTINCT key.record_id FROM mdm_matchkey key LEFT JOIN mdm_sourcerecord record ON record.id = key.record_id
        WHERE record.is_live IS NOT TRUE
    """,
    "No target was given a version that does not exist.": """
        SELECT delivery.id FROM mdm_delivery delivery JOIN mdm_golden golden ON golden.id = delivery.golden_id
        WHERE delivery.golden_version > golden.version
    """,
}


def broken() -> list[Broken]:
    """The invariants that do not hold; one query each."""
    found = []
    with connection.cursor() as cursor:
        for sentence, sql in INVARIANTS.items():
            cursor.execute(f"{sql} LIMIT {MOST}")
            ids = tuple(row[0] for row in cursor.fetchall())
            if ids:
                found.append(Broken(sentence, ids))
    return found
