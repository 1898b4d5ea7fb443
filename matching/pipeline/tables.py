"""Files in and out: CSV and Parquet to columns, results to files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matching.config.model import Model
from matching.errors import BadInput

# Never read as features: the truth and the origin of a record must not help to match it.
NEVER_FEATURES = ("id", "cluster", "cluster_id", "source")

# Bytes of a CSV file read at once, and where a row is longer than that.
BLOCK, LARGEST_BLOCK = 64 << 20, 1 << 30


def read_table(path: Path) -> Any:
    """An Arrow table of a CSV or Parquet file, every column text. Raises BadInput."""
    import pyarrow as pa

    if not path.is_file():
        raise BadInput(f"there is no file {path}")
    try:
        table = _parquet(path) if path.suffix.lower() in {".parquet", ".pq"} else _csv(path)
        # A cast imports all of Arrow's functions, and most columns are text already.
        columns = [column if column.type == pa.string() else column.cast(pa.string()) for column in table.columns]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {' '.join(str(error).split())[:300]}") from error
    twice = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if twice:
        raise BadInput([f"{path} has the column {name!r} more than once" for name in twice])
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _parquet(path: Path) -> Any:
    from pyarrow import parquet

    # `read_table` would import pandas, for a fifth of a second.
    with parquet.ParquetFile(path) as file:
        return file.read()


def _csv(path: Path) -> Any:
    """CSV with every column read as text, an empty cell as missing."""
    from pyarrow import csv

    with path.open(encoding="utf-8-sig", newline="") as lines:
        header = lines.readline(1_000_000)
    if not header.strip():
        raise BadInput(f"{path} is empty; the first line must name the columns")
    # Column types are only known by name, so the header is read first.
    import csv as plain
    import io

    import pyarrow as pa

    names = next(plain.reader(io.StringIO(header)))
    types = {name: pa.string() for name in names}
    convert = csv.ConvertOptions(column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=True, null_values=[""])
    parse = csv.ParseOptions(newlines_in_values=True)
    try:
        return csv.read_csv(path, csv.ReadOptions(block_size=BLOCK), parse, convert)
    except pa.ArrowInvalid as error:
        if "straddl" not in str(error):
            raise
        # A single row is longer than a block.
        return csv.read_csv(path, csv.ReadOptions(block_size=LARGEST_BLOCK), parse, convert)


def ids_of(table: Any, path: Path) -> list[str]:
    """The id column. Raises BadInput when it is missing, has holes or repeats."""
    if "id" not in table.column_names:
        raise BadInput(f"{path} has no column id; its columns are {', '.join(table.column_names)}")
    ids: list[str] = table["id"].to_pylist()
    problems = []
    if missing := table["id"].null_count:
        problems.append(f"{path}: {missing} rows have no id")
    if len(set(ids)) + max(missing - 1, 0) < len(ids):
        seen: set[str] = set()
        twice = [one for one in ids if one is not None and (one in seen or seen.add(one))]  # type: ignore[func-returns-value]
        problems.append(f"{path}: {len(twice)} ids are not unique, the first is {twice[0]!r}")
    if problems:
        raise BadInput(problems)
    return ids


def link_of(table: Any, name: str | None) -> Any:
    """The labels of the link column, None when none is asked for. Raises BadInput when there is no such column."""
    if name is None:
        return None
    if name not in table.column_names:
        raise BadInput(f"--link {name}: there is no such column; there are {', '.join(table.column_names)}")
    return table[name].to_pylist()


def mapped_columns(model: Model, table: Any, names: Mapping[str, str] | None = None) -> tuple[dict[str, Any], list[str]]:
    """Columns by attribute name, and notes on what was ignored.

    `names`: further column -> attribute, stronger than names and aliases of the model. A column called as the attribute is
    stronger than one called by an alias. Raises BadInput when `names` speaks of what does not exist, or nothing is left to match.
    """
    given = dict(names or {})
    problems = _map_problems(model, table, given)
    chosen = {new: old for old, new in given.items()}
    ignored = []
    for column, meant in _meanings(model, [name for name in table.column_names if name not in given]):
        if not meant:
            ignored.append(f"column {column!r} is ignored: model {model.name} does not know it")
        elif meant in chosen:
            ignored.append(f"column {column!r} is ignored: {chosen[meant]!r} says the same")
        else:
            chosen[meant] = column
    if not chosen:
        problems.append(f"no column means an attribute of model {model.name}; its attributes are {', '.join(model.attributes)}")
    if problems:
        raise BadInput(problems)
    return {attribute: table[column] for attribute, column in chosen.items()}, ignored


def _map_problems(model: Model, table: Any, names: Mapping[str, str]) -> list[str]:
    problems = [f"--map {old}={new}: there is no column {old!r}" for old, new in names.items() if old not in table.column_names]
    problems += [
        f"--map {old}={new}: model {model.name} has no attribute {new!r}"
        for old, new in names.items()
        if new not in model.attributes
    ]
    return problems + (["--map gives one attribute two columns"] if len(set(names.values())) < len(names) else [])


def _meanings(model: Model, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Each column that may be a feature and the attribute it means, "" for none; those named as an attribute come first."""
    aliases = {alias: attribute.name for attribute in model.fields for alias in attribute.aliases}
    usable = [column for column in columns if column not in NEVER_FEATURES]
    exact = [(column, column) for column in usable if column in model.attributes]
    by_alias = [(c, aliases.get(c.lower().replace(" ", "_"), "")) for c in usable if c not in model.attributes]
    return exact + by_alias


def write_table(columns: Mapping[str, Sequence[Any] | Any], path: Path) -> None:
    """Write columns as Parquet or CSV by the ending of `path`, first beside it and then renamed.

    A killed run leaves nothing half.
    """
    import pyarrow as pa
    from pyarrow import csv, parquet

    table = pa.table(dict(columns))
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            parquet.write_table(table, partial, compression="zstd")
        else:
            csv.write_csv(table, partial)
        partial.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
