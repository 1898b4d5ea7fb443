"""Opens CSV, XLSX, NDJSON and Parquet files as rows of named values."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from mdm.errors import BadInput

Row = tuple[int, Mapping[str, Any] | str]
"""The row's number as an editor shows it, and its values, or one sentence that says why they cannot be read."""


@dataclass(frozen=True, slots=True)
class Table:
    """One file. `columns`: names, empty where every row has its own (NDJSON). `total`: rows, None when nobody knows."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    total: int | None


def open_table(path: Path) -> Table:
    """The rows of a file, by its ending.

    Raises:
        BadInput: the file is missing, of another kind, damaged, or its header is unusable.
    """
    opener = OPENERS.get(path.suffix.lower())
    if opener is None:
        raise BadInput(f"{path.name} is none of {', '.join(OPENERS)}; save it as one of these.")
    try:
        table = opener(path)
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.") from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}.") from error
    _check_header(path, table.columns)
    return table


def _check_header(path: Path, columns: tuple[str, ...]) -> None:
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        raise BadInput(f"{path.name}: the column {repeated[0]!r} stands twice in the header; name each column once.")


def _open_csv(path: Path) -> Table:
    """Comma, semicolon, tab or bar; UTF-8. Bytes that are none become lone surrogates, so that only their row is refused."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        sample = file.read(64 * 1024)
        total = sample.count("\n") + sum(chunk.count("\n") for chunk in iter(lambda: file.read(1 << 20), "")) - 1
    header = sample.split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    columns = tuple(name.strip() for name in next(csv.reader([header.rstrip("\r")], delimiter=delimiter), []))
    if not any(columns):
        raise BadInput(f"{path.name} has no header; the first line must name the columns.")
    return Table(columns, _csv_rows(path, delimiter, columns), max(total, 0))


def _csv_rows(path: Path, delimiter: str, columns: tuple[str, ...]) -> Iterator[Row]:
    csv.field_size_limit(64 * 1024 * 1024)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        next(reader, None)
        for cells in reader:
            if len(cells) > len(columns):
                yield reader.line_num, f"the row has {len(cells)} cells, the header only {len(columns)}"
            elif any(cells):
                yield reader.line_num, {name: cell for name, cell in zip(columns, cells, strict=False) if cell != ""}


def _open_ndjson(path: Path) -> Table:
    with path.open("rb") as file:
        total = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    return Table((), _ndjson_rows(path), total)


def _ndjson_rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, f"the line is no JSON: {error}"
                continue
            yield number, row if isinstance(row, dict) else "the line is no JSON object"


def _open_parquet(path: Path) -> Table:
    import pyarrow as pa  # 0.2 s that only this command pays
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise BadInput(f"{path.name} is no Parquet file, or damaged.") from error
    return Table(tuple(file.schema_arrow.names), _parquet_rows(file), file.metadata.num_rows)


def _parquet_rows(file: Any) -> Iterator[Row]:
    number = 0
    for batch in file.iter_batches(batch_size=5_000):
        for row in batch.to_pylist():
            number += 1
            yield number, {name: _plain(value) for name, value in row.items() if value is not None}


def _open_xlsx(path: Path) -> Table:
    import zipfile

    import openpyxl  # 0.3 s that only this command pays
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        columns = tuple("" if name is None else str(name).strip() for name in next(lines, ()))
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise BadInput(f"{path.name} is no XLSX workbook, or damaged.") from error
    if not any(columns):
        raise BadInput(f"{path.name} has no header; the first row of the first sheet must name the columns.")
    return Table(tuple(name for name in columns if name), _xlsx_rows(lines, columns), (sheet.max_row or 1) - 1)


def _xlsx_rows(lines: Iterator[tuple[Any, ...]], columns: tuple[str, ...]) -> Iterator[Row]:
    for number, cells in enumerate(lines, start=2):
        row = {name: _plain(cell) for name, cell in zip(columns, cells, strict=False) if name and cell not in (None, "")}
        if row:
            yield number, row


def _plain(value: Any) -> Any:
    """A cell as JSON has it: dates as ISO text, whole numbers without a fraction."""
    if isinstance(value, datetime):
        return (
            value.date().isoformat()
            if (value.hour, value.minute, value.second) == (0, 0, 0) and value.tzinfo is None
            else value.isoformat()
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if isinstance(value, str | int | float | bool | list | dict) else str(value)


OPENERS: Mapping[str, Callable[[Path], Table]] = {
    ".csv": _open_csv,
    ".tsv": _open_csv,
    ".ndjson": _open_ndjson,
    ".jsonl": _open_ndjson,
    ".parquet": _open_parquet,
    ".xlsx": _open_xlsx,
}
