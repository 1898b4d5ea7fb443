"""Tells the whole story on the sample firm and measures it against the truth."""

from __future__ import annotations

import json
import time
from typing import Any, TextIO, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.errors import ConnectorError
from connectors.story import measure, table
from connectors.story.scenes import SCENES
from connectors.story.stage import Stage, StoryFailed
from mdm.readers.intake import counts


class Command(BaseCommand):
    help = "Load the sample firm from its five systems, match, push back, reconcile, and measure. Needs the twins (make run)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=11)
        parser.add_argument("--scale", type=float, default=1.0)

    def handle(self, *args: Any, seed: int, scale: float, **options: Any) -> None:
        stage = Stage(cast(TextIO, self.stdout), seed=seed, scale=scale)
        loads, events = counts.last_load(), counts.events()
        summary: dict[str, Any] = {"first_run": stage.memory.is_first_run, "seconds": {}}
        journal = {name: control.stats() for name, control in stage.controls.items()}
        for number, (name, scene) in enumerate(SCENES, start=1):
            stage.say(f"[{number}/{len(SCENES) + 1}] {name}: {(scene.__doc__ or '').splitlines()[0]}")
            began = time.monotonic()
            try:
                summary |= scene(stage)
            except (StoryFailed, ConnectorError) as error:
                raise CommandError(f"stage {name} failed: {error}") from error
            summary["seconds"][name] = round(time.monotonic() - began, 1)
        stage.say(f"[{len(SCENES) + 1}/{len(SCENES) + 1}] measure: Precision and recall against the truth.")
        summary["loaded"] = counts.loaded_since(loads)
        summary["events"] = counts.events() - events
        summary["pushes"] = {name: _pushes(control.stats()) - _pushes(journal[name]) for name, control in stage.controls.items()}
        summary["records"] = counts.by_system()
        summary["domains"] = {domain: counts.goldens(domain) | _quality(stage, domain) for domain in stage.firm.domains}
        stage.memory.keep(is_complete=True)
        (settings.DATA_FOLDER / "summary.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
        stage.say(table.of(summary, stage.memory.passwords))


def _quality(stage: Stage, domain: str) -> dict[str, float]:
    found = measure.quality(stage.firm, domain)
    return {name: round(getattr(found, name), 4) for name in ("precision", "recall", "reviewed", "naive")}


def _pushes(stats: dict[str, Any]) -> int:
    """Writes that changed something in a twin, whoever made them."""
    return int(stats["writes"]["effective"])
