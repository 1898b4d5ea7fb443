"""Reading what people or earlier runs said: labelled pairs, and clusters."""

from __future__ import annotations

from pathlib import Path

from matching.errors import BadInput
from matching.pipeline.tables import ids_of, read_table

_YES = frozenset({"1", "true", "t", "yes", "y", "same", "match"})
_NO = frozenset({"0", "false", "f", "no", "n", "different", "no match"})


def read_labels(path: Path) -> tuple[list[str], list[str], list[bool]]:
    """Ids and verdicts of a file with the columns id_a, id_b, match (yes or no in usual forms). Raises BadInput."""
    table = read_table(path)
    missing = [name for name in ("id_a", "id_b", "match") if name not in table.column_names]
    if missing:
        raise BadInput([f"{path} has no column {name}" for name in missing])
    one, other, match = (table[name].to_pylist() for name in ("id_a", "id_b", "match"))
    problems = [
        f"{path}, line {line}: match must be true or false, not {verdict!r}"
        for line, verdict in enumerate(match, start=2)
        if str(verdict).strip().lower() not in _YES | _NO
    ]
    problems += [
        f"{path}, line {line}: an id is missing" for line, ids in enumerate(zip(one, other, strict=True), start=2) if None in ids
    ]
    if problems:
        raise BadInput(problems[:20])
    return one, other, [str(verdict).strip().lower() in _YES for verdict in match]


def read_clusters(path: Path) -> dict[str, str]:
    """Cluster of each id, from a file that `resolve` wrote. Raises BadInput."""
    table = read_table(path)
    name = next((name for name in ("cluster_id", "cluster") if name in table.column_names), None)
    if name is None:
        raise BadInput(f"{path} has no column cluster_id")
    return dict(zip(ids_of(table, path), table[name].to_pylist(), strict=True))
