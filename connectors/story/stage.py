"""What the stages of the story share: the firm, the twins, the logins, and what was planted on the first run."""

from __future__ import annotations

import json
import os
import secrets
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings

from connectors.twins import sample
from connectors.twins.control_client import ControlClient
from connectors.twins.sample.firm import Firm
from mdm.errors import BadConfiguration

TWINS = ("salesforce", "netsuite")
LOGINS = {"steward": "STEWARD", "viewer": "VIEWER", "admin": "ADMIN"}


class StoryFailed(Exception):
    """A stage did not end as it must; the message says which and why."""


@dataclass(slots=True)
class Memory:
    """What must be known on the next run: what was planted, once."""

    path: Path
    faults: list[dict[str, Any]] = field(default_factory=list)
    drifts: list[dict[str, Any]] = field(default_factory=list)
    passwords: dict[str, str] = field(default_factory=dict)
    is_first_run: bool = True

    @classmethod
    def of(cls, path: Path) -> Memory:
        """The memory of this installation, empty on its first run."""
        if not path.exists():
            return cls(path, passwords={name: secrets.token_urlsafe(9) for name in LOGINS})
        said = json.loads(path.read_text(encoding="utf-8"))
        return cls(path, said["faults"], said["drifts"], said["passwords"], is_first_run=not said["is_complete"])

    def keep(self, *, is_complete: bool) -> None:
        """Write it down; readable by the owner only, the logins stand in it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.touch(mode=0o600)
        said = {"faults": self.faults, "drifts": self.drifts, "passwords": self.passwords, "is_complete": is_complete}
        fresh.write_text(json.dumps(said, indent=1), encoding="utf-8")
        fresh.replace(self.path)


class Stage:
    """The scene: made once for a run."""

    def __init__(self, out: TextIO, *, seed: int, scale: float) -> None:
        self.out, self.seed, self.scale = out, seed, scale
        self.folder = settings.DATA_FOLDER / "sample"
        self.memory = Memory.of(settings.DATA_FOLDER / "story.json")

    @cached_property
    def firm(self) -> Firm:
        """The sample firm; the same seed gives the same firm for ever."""
        return sample.generate(self.seed, self.scale)

    @cached_property
    def controls(self) -> dict[str, ControlClient]:
        """The twins' control planes.

        Raises:
            BadConfiguration: the twins do not run.
        """
        key = os.environ.get("TWIN_ADMIN_KEY")
        if not key:
            raise BadConfiguration("The story needs the twins; start it by: make run, or manage.py up --with-twins --then story")
        return {name: ControlClient(os.environ[f"{name.upper()}_URL"], key) for name in TWINS}

    def say(self, text: str) -> None:
        """One line of progress."""
        self.out.write(f"{text}\n")
        sys.stdout.flush()
