"""Word lists of `matching/data`, read once; lines that start with # say source and licence."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data"


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of one list, header left out."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(line for line in lines if not line.startswith("#"))
        return tuple(tuple(row) for row in rows)[1:]


@cache
def single(name: str) -> frozenset[str]:
    """The first column of one list."""
    return frozenset(row[0] for row in table(name))
