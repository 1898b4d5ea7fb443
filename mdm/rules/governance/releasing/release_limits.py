"""How much a release may change before somebody has to force it, with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares are of the live golden records of the domain, 0 to 1; the others are numbers. The present release's limits count.

    `goldens`: golden records that get a new version. `ids`: enterprise IDs that end or come back. `decisions`: people's words
    that the new model alone would newly contradict. `tasks`: pushes to targets.
    """

    goldens: float = 0.05
    ids: float = 0.01
    decisions: int = 0
    tasks: int = 10_000

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def exceeded(limits: Limits, plan: Mapping[str, Any]) -> list[str]:
    """What of a plan lies above the limits, a sentence each; nothing when it may be released without force."""
    goldens, ids = plan["goldens"], plan["ids"]
    live = max(goldens["live"], 1)
    churned = ids["retired"] + ids["restored"]
    found = []
    if goldens["changed"] > limits.goldens * live:
        found.append(_share("golden records change", goldens["changed"], live, limits.goldens))
    if churned > limits.ids * live:
        found.append(_share("enterprise IDs end or come back", churned, live, limits.ids))
    if (said := plan["decisions"]["contradicted"]) > limits.decisions:
        found.append(f"{said:,} decisions would be contradicted; the limit is {limits.decisions:,}.")
    if (said := plan["targets"]["tasks"]) > limits.tasks:
        found.append(f"{said:,} pushes to targets would follow; the limit is {limits.tasks:,}.")
    return found


def _share(what: str, count: int, live: int, most: float) -> str:
    return f"{count:,} of {live:,} {what} ({count / live:.1%}); the limit is {most:.1%}."
