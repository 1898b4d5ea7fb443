"""Finding a model: a shipped name, a YAML or JSON file, or plain data."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from matching.config.model import Model
from matching.config.parse import parse
from matching.errors import BadConfig

SHIPPED = Path(__file__).parent.parent / "models"


def shipped_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def load_model(source: str | Path | Mapping[str, Any]) -> Model:
    """A checked model.

    `source`: a shipped name, a YAML or JSON path, or a mapping. Raises BadConfig with all problems at once.
    """
    if isinstance(source, Mapping):
        return parse(source)
    if isinstance(source, str) and source in shipped_names():
        return _shipped(source)
    path = Path(source)
    if not path.is_file():
        raise BadConfig(
            f"there is no model file {source} and no shipped model of that name; shipped are {', '.join(shipped_names())}"
        )
    return parse(_read(path))


@cache
def _shipped(name: str) -> Model:
    return parse(_read(SHIPPED / f"{name}.yaml"))


def _read(path: Path) -> Any:
    # PyYAML is slow to import, and a model given as a mapping does not need it.
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        raw = (
            json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        )
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
        raise BadConfig(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    if isinstance(raw, Mapping) and isinstance(raw.get("frequencies"), str):
        return {**raw, "frequencies": _frequency_file(path.parent / raw["frequencies"])}
    return raw


def _frequency_file(path: Path) -> dict[str, Any]:
    """Tables from a CSV of table,value,bits; the value "*" is what unlisted values count."""
    tables: dict[str, Any] = {}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for table, value, bits in list(csv.reader(line for line in lines if not line.startswith("#")))[1:]:
                entry = tables.setdefault(table, {"unlisted": None, "bits": {}})
                if value == "*":
                    entry["unlisted"] = float(bits)
                else:
                    entry["bits"][value] = float(bits)
    except (OSError, ValueError) as error:
        raise BadConfig(f"the frequency file {path} cannot be read: {' '.join(str(error).split())}") from error
    return tables


def write_model(model: Model, path: Path) -> None:
    """Write a model as JSON or YAML by the ending of `path`; complete, frequency tables included."""
    import yaml

    data = model.to_dict()
    text = (
        json.dumps(data, indent=1, ensure_ascii=False)
        if path.suffix == ".json"
        else yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=150, default_flow_style=None)
    )
    write_whole(text, path)


def write_whole(text: str, path: Path) -> None:
    """Write a file that appears whole or not at all: first beside it, then renamed."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
