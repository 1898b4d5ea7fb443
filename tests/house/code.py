"""The code as syntax trees, for tests about the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("mdm", "matching", "connectors", "stewardship")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files(*rooms: str) -> tuple[Path, ...]:
    """Python files of rooms, without migrations."""
    found = [path for room in rooms or ROOMS for path in (ROOT / room).rglob("*.py")]
    return tuple(sorted(path for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    """All functions of a file, methods and inner ones included."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))
