"""Loads a file of source records: with progress, rehearsal, a mapping file and a reject file."""

from __future__ import annotations

import csv
import itertools
import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, cast

import yaml
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from mdm import permissions
from mdm.actions.intake import bulk, loads, records, sources
from mdm.engine import releases
from mdm.engine.preparing import Incoming, mapping_of
from mdm.errors import BadInput, HubError
from mdm.management.files import Row, Table, open_table
from mdm.management.progress import Progress
from mdm.models import Load, SourceObject, System, User
from mdm.rules.intake.load_states import STOPPED

CHUNK = 500
Reject = tuple[int, str, str, str, str]
Told = tuple[int, records.Outcome]


class Command(BaseCommand):
    help = "Load source records: load FILE --system netsuite --object customer --domain customer"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        named = parser.add_mutually_exclusive_group(required=True)
        named.add_argument("--system", default="", help="the system that all rows are of")
        named.add_argument("--system-column", default="", help="with --bulk: the column that names each row's system")
        parser.add_argument("--object", required=True)
        parser.add_argument("--domain", default="", help="needed the first time a (system, object) is loaded")
        parser.add_argument(
            "--mapping",
            type=Path,
            help="YAML with id, updated_at, enterprise_id and fields: rows of [attribute, column, options]",
        )
        parser.add_argument("--id", default="", help="the column that holds the record's own ID")
        parser.add_argument("--scope", default="", help="subsidiary, company or role these records live in")
        parser.add_argument("--rejects", type=Path, help="where to write refused rows; by default FILE.rejects.csv")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
        parser.add_argument("--bulk", action="store_true", help="take the domain for itself: for first loads")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        table = open_table(file)
        options["rejects"] = options["rejects"] or file.with_name(f"{file.name}.rejects.csv")
        progress = Progress(file.name, cast(TextIO, self.stderr), total=table.total)
        if options["system_column"]:
            self._load_several(table, progress, options)
        else:
            self._load_one(table, progress, options)

    def _load_one(self, table: Table, progress: Progress, options: Mapping[str, Any]) -> None:
        """A file with the rows of one system."""
        source, machine = _source(options), permissions.machine()
        id_column = options["id"] or source.id_field or "native_id"
        self._check_columns(source, table.columns, id_column)
        load = None if options["dry_run"] else self._start(source, expected=table.total)
        reading = _Reading(table.rows, lambda row: _incoming(source, row, id_column, options["scope"]))
        if load is not None and options["bulk"]:
            outcomes = _at_once(reading, source.domain, progress, into=load)
        else:
            outcomes = _piecemeal(reading, load, actor=machine)
        error = STOPPED
        try:
            self._follow(reading, outcomes, progress, options)
            error = ""
        except HubError as refused:
            error = str(refused)
            raise
        finally:
            if load is not None:
                loads.finish(load=load, actor=machine, at=timezone.now(), error=error)

    def _start(self, source: SourceObject, *, expected: int | None) -> Load:
        """A load; says which one of the same source had stopped before."""
        machine, now = permissions.machine(), timezone.now()
        for gone in loads.close_stopped(actor=machine, at=now, source=source):
            self.stderr.write(f"load {gone.pk} of {source.system_id}/{source.object} stopped after {gone.received:,} records")
        return loads.start(source=source, way="FILE", actor=machine, at=now, expected=expected)

    def _load_several(self, table: Table, progress: Progress, options: Mapping[str, Any]) -> None:
        """A file with the rows of several systems, which find each other within the file."""
        column, known = options["system_column"], dict[str, SourceObject]()
        if not options["bulk"] or options["dry_run"] or not options["domain"]:
            raise BadInput("--system-column goes with --bulk and --domain, and not with --dry-run.")
        if table.columns and column not in table.columns:
            raise BadInput(f"The file has no column {column!r}; its columns: {', '.join(table.columns)}.")

        def incoming(row: Mapping[str, Any]) -> Incoming:
            code = str(row.get(column) or "")
            source = known.get(code) or known.setdefault(code, _source({**options, "system": code}))
            rest = {name: cell for name, cell in row.items() if name != column}
            return _incoming(source, rest, options["id"] or source.id_field or "native_id", options["scope"])

        reading = _Reading(table.rows, incoming)
        self._follow(reading, _at_once(reading, options["domain"], progress), progress, options)

    def _follow(self, reading: _Reading, outcomes: Iterable[Told], progress: Progress, options: Mapping[str, Any]) -> None:
        """Take everything in, with progress, and say what became of it."""
        counts, rejects = Counter[str](), list[Reject]()
        for place, outcome in outcomes:
            counts[outcome.status] += 1
            rejects += [
                (reading.numbers[place], problem["field"], problem["value"], problem["message"], problem["remedy"])
                for problem in outcome.problems
            ]
            progress.at(counts.total())
        progress.done(counts.total())
        rejects = sorted([*reading.unreadable, *rejects], key=lambda reject: reject[0])
        self._report(counts, rejects, options["rejects"], is_rehearsal=options["dry_run"])

    def _check_columns(self, source: SourceObject, columns: tuple[str, ...], id_column: str) -> None:
        """The ID column must be there; without a mapping every other column must be an attribute."""
        if columns and id_column.split(".")[0] not in columns:
            raise BadInput(
                f"The file has no column {id_column!r} for the record's own ID; name it with --id. Columns: {', '.join(columns)}."
            )
        language = mapping_of(releases.current(source.domain), source)
        known = [id_column.split(".")[0], source.updated_at_field, source.enterprise_id_field, "updated_at"]
        unknown = language.unknown(dict.fromkeys(columns, ""), besides=known)
        if unknown and not source.mapping:
            raise BadInput(
                f"No attribute of {source.domain} is called {', '.join(unknown)}; rename the columns, or give --mapping."
            )
        if unknown:
            self.stderr.write(f"not read: {', '.join(unknown)}")

    def _report(self, counts: Counter[str], rejects: list[Any], path: Path, *, is_rehearsal: bool) -> None:
        if rejects and not is_rehearsal:
            with path.open("w", encoding="utf-8", errors="replace", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(["row", "column", "value", "problem", "remedy"])
                writer.writerows([_safe(cell) for cell in reject] for reject in rejects)
        said = ", ".join(f"{count:,} {status}" for status, count in sorted(counts.items())) or "no records"
        self.stdout.write(f"{'would be: ' if is_rehearsal else ''}{said}")
        for number, column, _, problem, remedy in rejects[:20] if is_rehearsal else []:
            self.stdout.write(f"row {number}{f', {column}' if column else ''}: {problem} {remedy}.")
        if rejects and not is_rehearsal:
            self.stdout.write(f"{len(rejects):,} problems: {path}")


class _Reading:
    """The records of a file as they are read. `numbers`: the row of each; `unreadable`: rows that are none."""

    def __init__(self, rows: Iterator[Row], incoming: Callable[[Mapping[str, Any]], Incoming]) -> None:
        self.rows, self.incoming = rows, incoming
        self.numbers = array("q")
        self.unreadable: list[Reject] = []

    def __iter__(self) -> Iterator[Incoming]:
        for number, row in self.rows:
            if isinstance(row, str):
                self.unreadable.append((number, "", "", row, "mend the row"))
                continue
            self.numbers.append(number)
            yield self.incoming(row)


def _at_once(reading: _Reading, domain: str, progress: Progress, *, into: Load | None = None) -> Iterator[Told]:
    """Take the records in by one bulk load, on all cores."""
    return bulk.load(
        incoming=reading,
        domain=domain,
        into=into,
        actor=permissions.machine(),
        at=timezone.now(),
        told=progress.stage,
        workers=len(os.sched_getaffinity(0)),
    )


def _piecemeal(reading: _Reading, load: Load | None, *, actor: User) -> Iterator[Told]:
    """Take the records in by small batches, so that others write meanwhile; without a load only say what would happen."""
    rest, first = iter(reading), 0
    while chunk := list(itertools.islice(rest, CHUNK)):
        outcomes = records.ingest(records=chunk, actor=actor, at=timezone.now(), load=load, rehearsal=load is None)
        yield from enumerate(outcomes, first)
        first += len(chunk)


def _source(options: Mapping[str, Any]) -> SourceObject:
    """The source object, declared first where the caller brings a mapping or names a new object."""
    system = System.objects.filter(code=options["system"]).first()
    if system is None:
        known = ", ".join(System.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise BadInput(
            f"There is no system {options['system']!r}; declared systems: {known}. Declare one: manage.py systems add CODE TITLE."
        )
    found = SourceObject.objects.filter(system=system, object=options["object"]).first()
    domain = options["domain"] or (found.domain if found else "")
    if not domain:
        raise BadInput(f"{options['system']}/{options['object']} is loaded for the first time; say its --domain.")
    releases.current(domain)
    if found is not None and found.domain != domain:
        raise BadInput(f"{options['system']}/{options['object']} holds {found.domain} records, not {domain}.")
    if found is None or options["mapping"]:
        declared = _declared(options, domain)
        sources.declare(
            code=system.code,
            title=system.title,
            objects=[declared],
            chip=system.chip,
            actor=permissions.machine(),
            at=timezone.now(),
        )
    return SourceObject.objects.get(system=system, object=options["object"])


def _declared(options: Mapping[str, Any], domain: str) -> sources.Declared:
    if not options["mapping"]:
        return sources.Declared(options["object"], domain, id_field=options["id"])
    try:
        said = yaml.safe_load(options["mapping"].read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadInput(f"The mapping {options['mapping']} cannot be read: {error}.") from error
    if not isinstance(said, dict) or not isinstance(said.get("fields"), list):
        raise BadInput(f"The mapping {options['mapping']} needs fields: a list of [attribute, column].")
    return sources.Declared(
        options["object"],
        domain,
        said["fields"],
        is_unique=bool(said.get("unique", False)),
        id_field=str(said.get("id", options["id"])),
        updated_at_field=str(said.get("updated_at", "")),
        enterprise_id_field=str(said.get("enterprise_id", "")),
    )


def _incoming(source: SourceObject, row: Mapping[str, Any], id_column: str, scope: str) -> Incoming:
    """One row; the columns that say its ID, its time and our own stamp are no attributes."""
    places = {id_column, source.updated_at_field or "updated_at", source.enterprise_id_field}
    payload = row if source.mapping else {name: value for name, value in row.items() if name not in places}
    updated_at = _time(row.get(source.updated_at_field or "updated_at"))
    native_id = row.get(id_column)
    return Incoming(
        source.system_id,
        source.object,
        "" if native_id is None else str(native_id),
        payload,
        source.domain,
        scope,
        updated_at=updated_at,
        enterprise_id="" if source.mapping else str(row.get(source.enterprise_id_field) or ""),
    )


def _time(value: Any) -> datetime | None:
    """A time as files have it; one that cannot be read counts as none."""
    try:
        found = parse_datetime(str(value)) if value else None
        day = parse_date(str(value)[:10]) if value and found is None else None
    except ValueError:
        return None
    found = found or (datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None)
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _safe(cell: Any) -> str:
    """A cell that a spreadsheet will not run as a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
