"""Moments as people and systems write them: a date, or a date and a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from mdm.errors import BadInput

DAY = timedelta(days=1)


def parse(text: str, *, name: str, now: datetime) -> datetime | None:
    """The moment that `text` names, None for an empty one; without a zone it is UTC.

    A date alone is the end of that day, so that all of it counts; today's is `now`.

    Raises:
        BadInput: it is no date and no time, or it lies in the future.
    """
    if not text.strip():
        return None
    moment = _read(text.strip(), name=name, now=now)
    if moment > now:
        raise BadInput(f"{name}={text[:40]} lies in the future; what will be true then, nobody has said yet.")
    return moment


def _read(text: str, *, name: str, now: datetime) -> datetime:
    try:
        if len(text) == len("2026-01-31"):
            day = date.fromisoformat(text)
            end = datetime.combine(day, time(tzinfo=UTC)) + DAY - timedelta.resolution
            return now if day == now.astimezone(UTC).date() else end
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)  # a + in an address arrives as a space
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{name}={text[:40]!r} is no moment; write 2026-01-31 or 2026-01-31T12:00:00Z.") from error


def said(moment: datetime) -> str:
    """A moment in a sentence: to the minute, or to the day where it is the end of one."""
    utc = moment.astimezone(UTC)
    is_end_of_day = utc + timedelta.resolution == datetime.combine(utc.date(), time(tzinfo=UTC)) + DAY
    return f"{utc:%Y-%m-%d}" if is_end_of_day else f"{utc:%Y-%m-%d, %H:%M} UTC"
