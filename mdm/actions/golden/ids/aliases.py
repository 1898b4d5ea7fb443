"""Imports the names that another hub gave to our things."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction

from mdm import audit, permissions
from mdm.actions import locks, retrying
from mdm.errors import BadInput, NotAllowed, Problem
from mdm.models import Golden, IdAlias, Reservation, User, copying
from mdm.rules.golden import alias_lines
from mdm.rules.golden.alias_lines import Key, Line

PART = 10_000
"""Lines that are looked up in one statement."""
RECORDS = """
    SELECT wanted.place, record.id, record.domain
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS wanted (system, object, scope, native, place)
    JOIN mdm_sourceobject source ON source.system_id = wanted.system AND source.object = wanted.object
    JOIN mdm_sourcerecord record
      ON record.source_id = source.id AND record.scope = wanted.scope AND record.native_id = wanted.native
"""

Aim = tuple[int | None, int | None]
"""(record, golden record): exactly one of them."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counted:
    """What an import did. `unchanged`: aliases that stood already."""

    added: int
    unchanged: int


@retrying.on_conflict
@transaction.atomic
def import_all(*, issuer: str, lines: Iterable[Line | Problem], actor: User, at: datetime) -> Counted:
    """Keep the aliases of one issuer, all or none; run again it adds what is new. One told by a record's key follows the record.

    A line that says otherwise than what stands is refused: an alias is the name of one thing for ever.

    Raises:
        NotAllowed: the actor may not import IDs, or is confined to regions.
        BadInput: with every line that cannot be taken; nothing was imported.
    """
    permissions.check(actor, "id.import")
    if actor.regions:
        raise NotAllowed(f"You work in {', '.join(sorted(actor.regions))}; aliases are imported for all regions at once.")
    name, listed = alias_lines.issuer_of(issuer), list(lines)
    locks.lock_keys([locks.number_of("issuer", name)])
    problems = [line for line in listed if isinstance(line, Problem)]
    aims = _aims([line for line in listed if isinstance(line, Line)], actor, problems)
    stored = _stored(name, {line.alias for line in aims})
    fresh = _fresh(aims, stored, problems)
    if problems:
        found = sorted(problems, key=lambda one: int(one["field"].removeprefix("line ")))
        said = "\n".join(f"{one['message']}; {one['remedy']}." for one in found)
        count = "1 line" if len(found) == 1 else f"{len(found):,} lines"
        raise BadInput(f"{count} cannot be taken, and nothing was imported.\n{said}", problems=found)
    copying.append(
        IdAlias(issuer=name, alias=alias, record_id=record, golden_id=golden, imported_at=at, imported_by=actor)
        for alias, (record, golden) in fresh.items()
    )
    if fresh:
        digest = hashlib.sha256("\n".join(sorted(fresh)).encode()).hexdigest()
        audit.record(at=at, actor=actor, verb="id.import", subject=f"issuer:{name}", new={"added": len(fresh), "sha256": digest})
    return Counted(len(fresh), len({line.alias for line in aims}) - len(fresh))


def _aims(lines: Sequence[Line], actor: User, problems: list[Problem]) -> dict[Line, Aim]:
    """What each line is the name of, within the actor's domains; of the others, the problem."""
    names = _named({line.enterprise_id for line in lines if line.enterprise_id}, actor)
    records = _records(sorted({line.key for line in lines if line.key is not None}), actor)
    found: dict[Line, Aim] = {}
    for line in lines:
        aim = names.get(line.enterprise_id) if line.key is None else records.get(line.key)
        if aim is not None:
            found[line] = aim
        elif line.key is None:
            wrong = f"{line.enterprise_id} is not known, or no record carries it yet"
            problems.append(alias_lines.problem(line.number, "unknown_id", wrong, "compare it with GET ids"))
        else:
            wrong = f"no record {'/'.join(line.key)} is known"
            problems.append(alias_lines.problem(line.number, "unknown_record", wrong, "load it first, or mend the key"))
    return found


def _named(names: Collection[str], actor: User) -> dict[str, Aim]:
    """Golden records by ID, live or ended; a second name leads to the record that claimed it."""
    found: dict[str, Aim] = {}
    for part in _parts(sorted(names)):
        goldens = Golden.objects.within(domains=actor.domains, regions=[]).filter(enterprise_id__in=part)
        claims = Reservation.objects.filter(enterprise_id__in=part, record__isnull=False)
        claims = claims.filter(domain__in=actor.domains) if actor.domains else claims
        found |= {name: (record, None) for name, record in claims.values_list("enterprise_id", "record_id")}
        found |= {name: (None, golden) for name, golden in goldens.values_list("enterprise_id", "id")}
    return found


def _records(keys: Sequence[Key], actor: User) -> dict[Key, Aim]:
    found: dict[Key, Aim] = {}
    for part in _parts(keys):
        with connection.cursor() as cursor:
            cursor.execute(RECORDS, [list(column) for column in zip(*part, strict=True)])
            for place, record, domain in cursor.fetchall():
                if not actor.domains or domain in actor.domains:
                    found[part[place - 1]] = (record, None)
    return found


def _stored(issuer: str, aliases: Collection[str]) -> dict[str, Aim]:
    found: dict[str, Aim] = {}
    for part in _parts(sorted(aliases)):
        rows = IdAlias.objects.filter(issuer=issuer, alias__in=part)
        found |= {alias: (record, golden) for alias, record, golden in rows.values_list("alias", "record_id", "golden_id")}
    return found


def _fresh(aims: dict[Line, Aim], stored: dict[str, Aim], problems: list[Problem]) -> dict[str, Aim]:
    """Aliases to add; a line that contradicts what stands, or an earlier line, is a problem."""
    fresh: dict[str, Aim] = {}
    for line, aim in aims.items():
        if line.alias in stored and stored[line.alias] != aim:
            wrong = f"{line.alias} is the name of something else already"
            problems.append(alias_lines.problem(line.number, "alias_taken", wrong, "leave it out, or mend it"))
        elif line.alias not in stored and fresh.setdefault(line.alias, aim) != aim:
            wrong = f"{line.alias} stands in the file twice, for two things"
            problems.append(alias_lines.problem(line.number, "alias_twice", wrong, "keep one of the two"))
    return fresh


def _parts(listed: Sequence[T]) -> Iterable[Sequence[T]]:
    return (listed[start : start + PART] for start in range(0, len(listed), PART))
