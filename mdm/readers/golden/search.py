"""The search box: an enterprise ID, any system's own ID, an identifier, a phone, a web domain, or a name with typing errors."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from rapidfuzz import fuzz

from mdm.engine import cleaning, columns
from mdm.errors import BadCheckCharacter, BadInput
from mdm.models import Crosswalk, Golden, IdAlias, MatchKey, Reservation, SourceRecord, User
from mdm.readers.golden import aliases, goldens
from mdm.readers.governance.sight import Sight
from mdm.rules.golden import enterprise_id as ids

MOST = 25
LONGEST = 200
CANDIDATES = 120
"""Golden records that are looked at to find the best; more hits than that need a longer question."""

IDENTIFIERS = ("tax_id", "lei", "duns", "registration_no", "phone", "email", "web_domain")
EQUAL, MOST_ALIKE, LEAST_ALIKE = 100.0, 90.25, 66.0
WORD_THRESHOLD = "0.45"
STAND = {
    "RESERVED": "waits for its record",
    "LAPSED": "lapsed: nothing ever carries it",
    "RELEASED": "was given back: nothing ever carries it",
}

ALIKE = """
    SELECT id FROM mdm_golden WHERE status = 'LIVE' AND %(text)s <%% search AND (%(domain)s = '' OR domain = %(domain)s)
    ORDER BY word_similarity(%(text)s, search) DESC, id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One golden record and why it was found: `what` matched and its `value`; `how`: is, holds or alike.

    `score`: 0..100, how good the hit is; `status` says that an ID is retired.
    """

    enterprise_id: str
    label: str
    domain: str
    domain_title: str
    status: str
    member_count: int
    what: str
    value: str
    how: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """`note`: what is wrong with the question itself, in a sentence."""

    hits: tuple[Hit, ...]
    note: str = ""


def find(text: str, *, viewer: User, domain: str = "", limit: int = MOST) -> Found:
    """The best hits for `text`, best first. What the viewer may not see is not searched, so that a hit tells nothing about it."""
    sought = " ".join(text.split())[:LONGEST]
    if not sought:
        return Found(())
    sight = Sight(viewer)
    hits: dict[str, Hit] = {}
    exact, note = _by_enterprise_id(sought, sight)
    for hit in (
        *exact,
        *_by_alias(sought, sight),
        *_by_native_id(sought, sight),
        *_by_identifier(sought, sight),
        *_by_words(sought, domain, sight),
    ):
        if not domain or hit.domain == domain:
            hits.setdefault(hit.enterprise_id, hit)
    return Found(tuple(sorted(hits.values(), key=lambda hit: (-hit.score, hit.label, hit.enterprise_id))[:limit]), note)


def _by_enterprise_id(sought: str, sight: Sight) -> tuple[list[Hit], str]:
    """The golden record of that ID, live or retired; and a sentence when the ID was mistyped."""
    try:
        name = ids.parse(sought)
    except BadCheckCharacter as error:
        return [], error.message if _was_meant_as_id(sought, sight) else ""
    except BadInput:
        return [], ""
    golden = sight.goldens().filter(enterprise_id=name).first()
    return ([_hit(golden, "Enterprise ID", name, sight, score=110.0)], "") if golden else _by_reservation(name, sight)


def _by_reservation(name: str, sight: Sight) -> tuple[list[Hit], str]:
    """What stands for the record that claimed a reserved ID; and a sentence when no record carries it."""
    row = Reservation.objects.filter(sight.in_domains(), enterprise_id=name).exclude(
        enterprise_id__in=Golden.objects.filter(enterprise_id=name).values("enterprise_id")
    )
    reserved = row.first()
    if reserved is None:
        return [], ""
    if reserved.status != "CLAIMED":
        return [], f"{name} was reserved and {STAND[reserved.status]}."
    ends = sight.goldens().filter(pk__in=[golden.pk for golden in goldens.claimed(reserved)])
    return [_hit(golden, "Enterprise ID", name, sight, score=110.0) for golden in ends], ""


def _by_alias(sought: str, sight: Sight) -> list[Hit]:
    """The golden records that an alias leads to, given alone or as issuer:alias."""
    issuer, _, rest = sought.partition(":")
    named = Q(upper_alias=sought.upper()) | Q(upper_alias=rest.strip().upper(), issuer=issuer.strip().lower())
    rows = IdAlias.objects.annotate(upper_alias=Upper("alias")).filter(named)[:CANDIDATES]
    ends = [(row, end.pk) for row, golden in aliases.leads(list(rows)) for end in (goldens.heirs(golden) or [golden])]
    seen = sight.goldens().in_bulk([end for _, end in ends])
    return [_hit(seen[end], f"Alias of {row.issuer}", row.alias, sight, score=107.0) for row, end in ends if end in seen]


def _was_meant_as_id(sought: str, sight: Sight) -> bool:
    """Whether it begins as an ID of ours and has more than letters: "consulting" has the length of an ID and is a word."""
    prefixes = tuple(sight.spec(domain).prefix for domain in sight.domains)
    return sought.upper().startswith(prefixes) and not sought.isalpha()


def _by_native_id(sought: str, sight: Sight) -> list[Hit]:
    """Records whose own ID in some system begins with the text; those that equal it come first."""
    if len(sought) < 2:
        return []
    rows = SourceRecord.objects.annotate(upper_id=Upper("native_id")).filter(is_live=True, upper_id__startswith=sought.upper())
    records = {row.pk: row for row in rows.select_related("source")[:CANDIDATES]}
    found = []
    for record, golden in _goldens_of(records, sight):
        system = sight.systems[records[record].source.system_id].title
        is_exact = records[record].native_id.upper() == sought.upper()
        found.append(
            _hit(
                golden,
                f"{system} ID",
                records[record].native_id,
                sight,
                score=105.0 if is_exact else 80.0,
                how="is" if is_exact else "holds",
            )
        )
    return sorted(found, key=lambda hit: -hit.score)


def _by_identifier(sought: str, sight: Sight) -> list[Hit]:
    """Records that hold the text as a tax ID, phone, web domain …, by the match keys that one value alone makes."""
    found = []
    for domain in sight.domains:
        release = sight.release(domain)
        open_ones = [
            item for item in release.spec.attributes if item.kind in IDENTIFIERS and item.name not in sight.hidden(domain)
        ]
        tries = [{item.name: value} for item in open_ones for value in _spellings(item.kind, sought)]
        cleaned, problems = cleaning.clean(release.spec, tries)
        usable = [values for values, problem in zip(cleaned, problems, strict=True) if values and not problem]
        keys = {key for row in columns.keys(release, columns.standardise(release, usable)) for key in row} if usable else set()
        records = (
            {row.record_id: row.record for row in MatchKey.objects.filter(key__in=keys).select_related("record")[:CANDIDATES]}
            if keys
            else {}
        )
        wanted = [(name, _compact(str(value))) for values in usable for name, value in values.items()]
        for record, golden in _goldens_of(records, sight):
            for name, value in wanted:
                held = str(records[record].attributes.get(name) or "")
                if held and (_compact(held) == value or _compact(held).endswith(_compact(sought).lstrip("0"))):
                    found.append(_hit(golden, sight.titles(domain)[name], held, sight, score=104.0))
                    break
    return found


def _spellings(kind: str, sought: str) -> tuple[str, ...]:
    """How a person may have meant it; an international number needs its plus sign."""
    digits = "".join(letter for letter in sought if letter.isdigit())
    if kind == "phone":
        return (sought, f"+{digits}") if len(digits) >= 6 else ()
    return (sought,)


def _by_words(sought: str, domain: str, sight: Sight) -> Iterator[Hit]:
    """Names and other searchable values: those that hold every word, and where these are few, those that look alike."""
    folded = sought.casefold()
    rows = sight.goldens().filter(status="LIVE", **({"domain": domain} if domain else {}))
    holding = list(_holding(rows, folded.split())[:CANDIDATES])
    alike = [] if len(holding) >= 10 else list(rows.filter(pk__in=_alike(folded, domain)))
    goldens = {golden.pk: golden for golden in (*holding, *alike)}
    values = _searchable_values(goldens.values(), sight)
    for number, golden in goldens.items():
        best = max(((_likeness(folded, value), name, value) for name, value in values.get(number, ())), default=(0.0, "", ""))
        if best[0] >= LEAST_ALIKE:
            title = sight.titles(golden.domain)[best[1]]
            yield _hit(golden, title, best[2], sight, score=best[0], how=_how(best[0]))


def _holding(rows: QuerySet[Golden], words: list[str]) -> QuerySet[Golden]:
    condition = Q()
    for word in words[:8]:
        condition &= Q(search__contains=word)
    return rows.filter(condition).order_by("id")


@transaction.atomic
def _alike(folded: str, domain: str) -> list[int]:
    """Golden records with a stretch of words that looks like the text, by trigrams."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {WORD_THRESHOLD}")
        cursor.execute(ALIKE, {"text": folded, "domain": domain, "most": CANDIDATES})
        return [row[0] for row in cursor.fetchall()]


def _searchable_values(goldens: Iterable[Golden], sight: Sight) -> dict[int, list[tuple[str, str]]]:
    """By golden record, what its members say about searchable attributes that the viewer may see; one query."""
    listed = {golden.pk: golden for golden in goldens}
    links = Crosswalk.objects.filter(golden__in=listed, valid_to=None).values_list("golden_id", "record__attributes")
    found: dict[int, list[tuple[str, str]]] = {}
    for number, attributes in links:
        domain = listed[number].domain
        names = [name for name in sight.spec(domain).search if name not in sight.hidden(domain) and attributes.get(name)]
        found.setdefault(number, []).extend((name, str(attributes[name])) for name in names)
    return found


def _likeness(folded: str, value: str) -> float:
    """How alike, 0..100: 100 for equal, 91 to 96 for held as it stands, at most 90.25 by the words in any order."""
    other = value.casefold()
    if folded == other:
        return 100.0
    if folded in other:
        return 96.0 - 5.0 * (1.0 - len(folded) / len(other))
    plain, bare = _unaccented(folded), _unaccented(other)
    words = max(fuzz.token_sort_ratio(plain, bare), 0.95 * fuzz.partial_ratio(plain, bare) if len(plain) >= 4 else 0.0)
    return min(float(words), 95.0) * 0.95


def _how(likeness: float) -> str:
    return "is" if likeness >= EQUAL else "holds" if likeness > MOST_ALIKE else "alike"


def _unaccented(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _compact(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _goldens_of(records: Iterable[int], sight: Sight) -> list[tuple[int, Golden]]:
    """(record, golden) for records that stand in a golden record the viewer may see; one query."""
    links = Crosswalk.objects.filter(record_id__in=list(records), valid_to=None, golden__in=sight.goldens()).select_related(
        "golden"
    )
    return [(link.record_id, link.golden) for link in links]


def _hit(golden: Golden, what: str, value: Any, sight: Sight, *, score: float, how: str = "is") -> Hit:
    return Hit(
        enterprise_id=golden.enterprise_id,
        label=sight.label(golden),
        domain=golden.domain,
        domain_title=sight.spec(golden.domain).title,
        status=golden.status,
        member_count=golden.member_count,
        what=what,
        value=str(value),
        how=how,
        score=score,
    )
