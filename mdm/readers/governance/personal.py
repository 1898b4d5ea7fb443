"""Where a natural person's data lies: every place that an erasure empties, and every column that holds none.

A test compares both lists with the tables: a new column of text or JSON stands in one of them, or the build fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `title`: as the certificate calls it. `where`: which rows, in the terms of `Terms`. `effect`: what is set there.

    None as `effect`: the rows go. `columns`: those of text and JSON that are emptied; with None all of the row's are.
    """

    title: str
    model: str
    where: str
    effect: str | None = None
    columns: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        return f"mdm_{self.model.lower()}"

    @property
    def act(self) -> str:
        """The statement that empties the place."""
        return f"UPDATE {self.table} SET {self.effect} WHERE {self.where}" if self.effect else self.removal

    @property
    def removal(self) -> str:
        return f"DELETE FROM {self.table} WHERE {self.where}"

    @property
    def count(self) -> str:
        return f"SELECT count(*) FROM {self.table} WHERE {self.where}"


RECORDS, GOLDENS, TOUCHED = (f"ANY(%({name})s::bigint[])" for name in ("records", "goldens", "touched"))
"""Row IDs: the person's source records; the golden records that end with it; all that ever held one of its records."""

# In the order of the work: what is found by a key goes before the record that says the key.
BY_KEY = "({columns}) IN (SELECT * FROM unnest({arrays}))"
SAID = "EXISTS (SELECT 1 FROM unnest(%({terms})s::text[]) AS term WHERE position(term IN {text}) > 0)"

TRAIL = Place(
    "details in the audit trail",
    "AuditEntry",
    "salt IS NOT NULL AND id > %(after)s AND id <= %(until)s AND (subject = ANY(%(subjects)s::text[]) OR "
    + SAID.format(terms="names", text="(coalesce(old::text, '') || coalesce(new::text, ''))")
    + ")",
    "old = NULL, new = NULL, salt = NULL, reason = CASE WHEN form = 1 THEN reason ELSE '' END",
    ("old", "new", "reason", "salt"),
)
ANSWERS = Place(
    "kept answers to requests",
    "IdempotencyKey",
    "body IS NOT NULL AND " + SAID.format(terms="answers", text="body::text"),
    """body = '{"detail": "This answer told of a person whose data was erased."}'""",
    ("body",),
)
KEYS = Place("match keys", "MatchKey", f"record_id = {RECORDS}")
PAIRS = Place("pairs", "MatchPair", f"left_id = {RECORDS} OR right_id = {RECORDS}")
PLACES: tuple[Place, ...] = (
    Place(
        "quarantined records",
        "QuarantinedRecord",
        BY_KEY.format(
            columns="system, object, scope, native_id",
            arrays="%(systems)s::text[], %(objects)s::text[], %(scopes)s::text[], %(natives)s::text[]",
        ),
    ),
    Place(
        "differences in the drift ledger",
        "Drift",
        "record_id = ANY(%(records)s::bigint[]) OR "
        + BY_KEY.format(
            columns="source_id, scope, native_id",
            arrays="%(sources)s::bigint[], %(scopes)s::text[], %(natives)s::text[]",
        ),
    ),
    Place(
        "findings about relations",
        "Finding",
        f"golden_id = {GOLDENS} OR " + SAID.format(terms="answers", text="(detail::text || place)"),
    ),
    Place(
        "examples in plans of releases",
        "ReleaseProposal",
        "plan IS NOT NULL AND " + SAID.format(terms="answers", text="(plan -> 'examples')::text"),
        "plan = jsonb_set(plan, '{examples}', (SELECT jsonb_object_agg(key, CASE jsonb_typeof(value)"
        " WHEN 'array' THEN '[]'::jsonb ELSE '{}'::jsonb END) FROM jsonb_each(plan -> 'examples')))",
        ("plan",),
    ),
    Place("deliveries", "Delivery", f"record_id = {RECORDS}"),
    KEYS,
    PAIRS,
    Place(
        "reasons of decisions",
        "Decision",
        "reason <> '' AND (left_id = ANY(%(records)s::bigint[]) OR right_id = ANY(%(records)s::bigint[]))",
        "reason = ''",
        ("reason",),
    ),
    Place(
        "reasons of changes",
        "ChangeSet",
        "reason <> '' AND id IN (SELECT change_set_id FROM mdm_goldenversion WHERE golden_id = ANY(%(touched)s::bigint[])"
        " UNION SELECT change_set_id FROM mdm_changetrace WHERE golden_id = ANY(%(touched)s::bigint[])"
        " UNION SELECT change_set_id FROM mdm_crosswalk WHERE record_id = ANY(%(records)s::bigint[]))",
        "reason = ''",
        ("reason",),
    ),
    Place(
        "requests and answers of pushes",
        "Job",
        f"kind = 'sync' AND subject = {TOUCHED} AND (exchange IS NOT NULL OR error <> ''"
        f" OR status IN ('QUEUED', 'RUNNING') AND subject = {GOLDENS})",
        f"exchange = NULL, error = '', lease = CASE WHEN subject = {GOLDENS} THEN NULL ELSE lease END,"
        f" leased_until = CASE WHEN subject = {GOLDENS} THEN NULL ELSE leased_until END,"
        f" status = CASE WHEN subject = {GOLDENS} AND status <> 'DONE' THEN 'CANCELLED' ELSE status END",
        ("exchange", "error"),
    ),
    Place("names that other hubs gave", "IdAlias", f"record_id = {RECORDS} OR golden_id = {GOLDENS}"),
    Place(
        "words on reserved IDs",
        "Reservation",
        f"(purpose <> '' OR reason <> '') AND (record_id = {RECORDS} OR enterprise_id = ANY(%(ids)s::text[]))",
        "purpose = '', reason = ''",
        ("purpose", "reason"),
    ),
    Place(
        "comments on change requests",
        "RequestComment",
        f"text <> '' AND request_id IN (SELECT id FROM mdm_changerequest WHERE golden_id = {TOUCHED} OR record_id = {RECORDS})",
        "text = ''",
        ("text",),
    ),
    Place(
        "change requests",
        "ChangeRequest",
        f"value_hash <> '' AND (golden_id = {TOUCHED} OR record_id = {RECORDS})",
        "value = NULL, old_value = NULL, value_hash = '', reason = '', answer = '',"
        " status = CASE WHEN status IN ('OPEN', 'APPROVED') THEN 'WITHDRAWN' ELSE status END,"
        " closed_at = coalesce(closed_at, %(at)s), closed_by_id = coalesce(closed_by_id, %(actor)s)",
        ("value", "old_value", "value_hash", "reason", "answer"),
    ),
    Place(
        "pinned values",
        "Override",
        f"(value IS NOT NULL OR reason <> '') AND (golden_id = {GOLDENS} OR carrier_id = {GOLDENS})",
        "value = NULL, reason = '', ended_at = coalesce(ended_at, %(at)s), ended_by_id = coalesce(ended_by_id, %(actor)s)",
        ("value", "reason"),
    ),
    Place(
        "versions of source records",
        "SourceVersion",
        f"record_id = {RECORDS}",
        "payload = '{}', attributes = '{}', relations = '{}', invalid = '[]'",
        ("payload", "attributes", "relations", "invalid"),
    ),
    Place(
        "source records",
        "SourceRecord",
        "id = ANY(%(records)s::bigint[])",
        "payload = '{}', attributes = '{}', relations = '{}', invalid = '[]', standardised = '{}', content_hash = '',"
        " failing = '{}', quality = NULL, grade_due_at = NULL, native_id = 'erased-' || id,"
        " key = 'erased/' || id",
        ("payload", "attributes", "relations", "invalid", "standardised", "content_hash", "failing", "native_id", "key"),
    ),
    Place(
        "versions of golden records",
        "GoldenVersion",
        f"NOT is_erased AND (golden_id = {GOLDENS} OR golden_id = {TOUCHED} AND members && %(records)s::bigint[])",
        "values = '{}', provenance = '{}', relations = '{}', members = '{}', member_versions = '{}', overrides = '{}',"
        " is_erased = true",
        ("values", "provenance", "relations"),
    ),
    Place(
        "golden records",
        "Golden",
        "id = ANY(%(touched)s::bigint[]) AND status <> 'LIVE'",
        "values = '{}', provenance = '{}', relations = '{}', label = '', search = '', failing = '{}', quality = NULL,"
        " grade_due_at = NULL",
        ("values", "provenance", "relations", "label", "search", "failing"),
    ),
)
EVERY_PLACE = (TRAIL, ANSWERS, *PLACES)

CODES = "names, numbers and codes of the hub's own"
FREE: Mapping[str, Mapping[str, str]] = {
    "ApiToken": {"digest hint": "of a system's or a colleague's own token"},
    "AuditEntry": {
        "actor verb subject domain correlation": "who acted and on which number; the person is never named there",
        "digest chain": "salted: says nothing once the salt is gone",
    },
    "ChangeRequest": {"domain kind attribute system status": CODES, "stake": "sums of money, by domain and currency"},
    "ChangeSet": {"kind domain moves lives": CODES},
    "Decision": {"verdict": CODES},
    "DeskSettings": {"theme": CODES},
    "DomainRelease": {"domain spec model content_hash": "what was released; word frequencies of a whole population"},
    "Erasure": {
        "domain regions enterprise_ids status counts systems": CODES,
        "reason": "of the privacy officers, who name nobody in it",
    },
    "Event": {"type domain enterprise_id regions data": "names of what changed; values are joined from versions (ADR 11)"},
    "Golden": {"domain enterprise_id status successors regions": CODES},
    "GoldenVersion": {"status": CODES},
    "HistoryFloor": {"domain": CODES},
    "IdLife": {"status cause successors": CODES},
    "IdempotencyKey": {"key request_hash": "the caller's own word, and a hash; gone after seven days"},
    "Job": {
        "kind key target status error_code": CODES,
        "payload": "where a piece of work stands",
    },
    "Load": {"way status": CODES, "error": "why a load stopped, of the load as a whole"},
    "Override": {"attribute": CODES},
    "QualityDay": {"domain system rule rules": CODES},
    "ReconcileRun": {"status cursor": CODES, "error": "why a run stopped, of the run as a whole"},
    "ReleaseProposal": {
        "domain spec model content_hash status": "what is to be released; word frequencies of a whole population",
        "reason answer": "why a domain changes",
    },
    "Reservation": {"enterprise_id domain status": CODES},
    "Revisit": {"domain": CODES},
    "Resubmission": {"code system domain status": CODES, "reason": "what was mended, for many records at once"},
    "Schedule": {"name kind target": CODES},
    "SourceObject": {
        "object domain mapping id_field updated_at_field enterprise_id_field cursor": "how a system speaks",
    },
    "SourceRecord": {"domain scope": "a subsidiary, a company or a role"},
    "Suppression": {"digest": "a keyed hash"},
    "System": {"code title chip region": "a system's own"},
    "User": {"password name kind title role domains regions": "people who work with the hub"},
}
"""By model: the columns of text and JSON that hold nothing of the people the records speak of, and why."""
