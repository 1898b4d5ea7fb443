"""The hub's own work that comes round, most of it every night, whatever systems are connected: one line a kind of job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

DAY = timedelta(days=1)
NIGHT = time(2, tzinfo=UTC)
"""When a night's work comes due."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One kind of job that the hub does for itself. `every_seconds`: between two ticks, counted from a night at 02:00 UTC."""

    name: str
    every_seconds: int = int(DAY.total_seconds())


STANDING: Mapping[str, Standing] = {
    "purge": Standing("purge of kept answers"),
    "risk": Standing("money behind pairs", every_seconds=60),
    "refresh": Standing("refresh of what time changed"),
    "rematch": Standing("records left to bring over to a release"),
    "findings": Standing("look for relations that do not fit"),
    "retention": Standing("removal of history that is no longer kept"),
    "quality": Standing("quality of the data"),
    "lapse": Standing("lapse of reserved IDs"),
    "expire": Standing("end of pinned values"),
    "requests": Standing("end of change requests that nobody answered"),
    "loads": Standing("end of loads whose process died", every_seconds=300),
}
"""By kind of job. Whoever adds one also says who does it (`mdm.apps`), in which queue (`mdm.outbox`) and how it is called."""


def last_night(at: datetime) -> datetime:
    """The latest 02:00 UTC that is not after `at`, an aware time: a schedule that begins there comes due the next night."""
    tonight = datetime.combine(at.astimezone(UTC).date(), NIGHT)
    return tonight if tonight <= at else tonight - DAY
