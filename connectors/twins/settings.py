"""Settings of a twin, from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a twin keeps its data, the key of its control plane, and the vendor's own values by name."""

    data: Path
    admin_key: str
    values: Mapping[str, str]

    def value(self, name: str) -> str:
        """One of the vendor's own values."""
        return self.values[name]


def read(environment: Mapping[str, str], *, needed: tuple[str, ...], defaults: Mapping[str, str]) -> Settings:
    """The settings.

    Raises:
        ValueError: variables are missing; the message names all of them.
    """
    missing = [name for name in ("TWIN_DATA", "TWIN_ADMIN_KEY", *needed) if not environment.get(name)]
    if missing:
        raise ValueError(f"These environment variables are not set: {', '.join(missing)}.")
    folder = Path(environment["TWIN_DATA"])
    folder.mkdir(parents=True, exist_ok=True)
    values = {name: environment[name] for name in needed} | {
        name: environment.get(name, default) for name, default in defaults.items()
    }
    return Settings(data=folder, admin_key=environment["TWIN_ADMIN_KEY"], values=values)
