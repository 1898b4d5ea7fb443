"""The desk's words: one table for each thing that has a name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

BANDS: Mapping[str, str] = {"AUTO": "Likely", "REVIEW": "Possible", "ASKED": "Faded", "BELOW": "Unlikely"}
VERDICTS: Mapping[str, str] = {"SAME": "Same", "DIFFERENT": "Different", "UNSURE": "Not sure"}
STATUSES: Mapping[str, str] = {
    "OPEN": "Open",
    "UNSURE": "Not sure",
    "SAME": "Same",
    "DIFFERENT": "Different",
    "JOINED": "Joined by other evidence",
    "COVERED": "Covered by a stronger pair",
    "BARRED": "Kept apart by another decision",
}
REQUEST_KINDS: Mapping[str, str] = {"SYSTEM": "A system says so", "PERSON": "Somebody asks", "CONTEST": "Overwritten in turn"}
REQUEST_STATUSES: Mapping[str, str] = {
    "WAITING": "Waiting",
    "OPEN": "Open",
    "APPROVED": "Waits for a second person",
    "APPLIED": "Approved",
    "MET": "Came by itself",
    "WITHDRAWN": "Withdrawn",
    "REFUSED": "Refused",
    "EXPIRED": "Expired",
}
RULES: Mapping[str, str] = {
    "agreed": "All sources agree",
    "source_priority": "First in the order of sources",
    "trust": "Most trusted source",
    "owner": "The owning system",
    "most_recent": "Most recent",
    "oldest": "Unchanged for longest",
    "most_frequent": "Most frequent",
    "most_complete": "Most complete",
    "longest": "Longest",
    "min": "Smallest",
    "max": "Largest",
    "union": "All values together",
    "first_valid": "First valid value",
    "from_winner_of": "Goes with another value",
    "override": "Pinned",
    "key": "First by key",
}
CAUSES: Mapping[str, str] = {
    "born": "Created",
    "data": "Incoming data",
    "matching": "Matching",
    "decision": "Decision",
    "undo": "Undo",
    "erased": "Erased: it held a person's data",
    "merge": "Merge",
    "split": "Split",
    "move": "Move",
    "unmerge": "Unmerge",
    "pin": "Value pinned",
    "release": "Value released",
    "freeze": "Value frozen",
}
ENDS: Mapping[str, str] = {
    "MERGED": "merged",
    "SPLIT": "split",
    "RETIRED": "retired",
    "ERASED": "erased",
    "LAPSED": "reserved and lapsed",
    "RELEASED": "reserved and given back",
}
LIVES: Mapping[str, str] = {
    "reserved": "Reserved",
    "claimed": "Claimed",
    "lapsed": "Lapsed",
    "released": "Given back",
    "born": "Born",
    "merged": "Merged",
    "split": "Split",
    "emptied": "Retired: its records are gone",
    "restored": "Restored",
    "erased": "Erased: it was a person whose data is gone",
}
HOLDS: Mapping[str, str] = {"RESERVED": "Held", "CLAIMED": "Claimed", "LAPSED": "Lapsed", "RELEASED": "Given back"}
KINDS: Mapping[str, str] = {
    "MISSING_IN_HUB": "Missing in the hub",
    "MISSING_IN_TARGET": "Missing in the system",
    "DRIFTED": "Value differs",
    "ORPHAN": "Without golden record",
    "ID_NOT_STAMPED": "Enterprise ID not stamped",
    "WRONG_ID": "Wrong enterprise ID",
    "DUPLICATE_IN_TARGET": "Duplicate in the system",
    "PING_PONG": "Overwritten in turn",
    "NAMES_ANOTHER_ID": "Names another enterprise ID",
}
KEYS: Mapping[str, str] = {
    "system": "System",
    "object": "Object",
    "domain": "Domain",
    "scope": "Scope",
    "native_id": "ID there",
    "enterprise_id": "Enterprise ID it names",
}
FINDINGS: Mapping[str, str] = {
    "CIRCLE": "Circle of parents",
    "TWO_PARENTS": "Two parents",
    "MISSING_SCOPE": "Missing in a scope",
}
JOBS: Mapping[str, str] = {
    "sync": "Push",
    "pull": "Pull",
    "reconcile": "Reconciliation",
    "cluster": "Grouping",
    "purge": "Purge",
    "risk": "Money behind pairs",
    "refresh": "Refresh",
    "findings": "Look at relations",
    "retention": "Retention",
    "plan": "Plan of a release",
    "rematch": "Release carried out",
    "quality": "Quality",
    "resubmit": "Bulk resubmission",
    "erase": "Erasure",
    "lapse": "Lapse of reserved IDs",
    "expire": "Pinned values",
    "requests": "Change requests",
    "loads": "Loads whose process died",
}
ERASURES: Mapping[str, str] = {
    "REQUESTED": "Waits for a second person",
    "CONFIRMED": "Being done",
    "DONE": "Done",
    "CANCELLED": "Given up",
}
STATES: Mapping[str, str] = {"ROLLED_BACK": "Rolled back", "RUNNING": "Running", "STOPPED": "Stopped"}
# How a state looks: the class says a colour, the sign and the word say it without one.
SIGNS: Mapping[str, tuple[str, str]] = {
    "sent": ("good", "✓"),
    "waiting": ("calm", "…"),
    "retrying": ("near", "↻"),
    "dead letter": ("bad", "✕"),
    "differs": ("bad", "≠"),
    "not sent": ("calm", "–"),
    "DONE": ("good", "✓"),
    "RUNNING": ("calm", "…"),
    "FAILED": ("bad", "✕"),
    "STOPPED": ("bad", "✕"),
    "OPEN": ("near", "!"),
    "HEALING": ("calm", "↻"),
    "HEALED": ("good", "✓"),
    "IGNORED": ("calm", "–"),
    "PLANNING": ("calm", "…"),
    "PROPOSED": ("near", "!"),
    "REFUSED": ("bad", "✕"),
    "RELEASED": ("good", "✓"),
    "REPLACED": ("calm", "–"),
    "ROLLED_BACK": ("calm", "↻"),
}


def signed(bits: float) -> str:
    """A weight with its sign, one decimal, with a true minus."""
    return f"{bits:+.1f}".replace("-", "−")


def percent(probability: float) -> str:
    """A probability for people; nothing is ever 100 %."""
    if probability > 0.9995:
        return "> 99.9 %"
    if probability < 0.0005:
        return "< 0.1 %"
    return f"{probability * 100:.1f} %"


def odds(bits: float) -> str:
    """Weight in bits as odds: "300 : 1"."""
    ratio = 2.0 ** min(abs(bits), 40.0)
    shown = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"
    return f"{shown} : 1 for the same" if bits >= 0 else f"{shown} : 1 against"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that says enough."""
    seconds = int((now - at).total_seconds())
    if seconds < 0:
        return "in " + ago(now, at).removesuffix(" ago") if seconds < -59 else "now"
    for unit, length in (("y", 31_557_600), ("mo", 2_629_800), ("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return "just now"


def plain(value: Any) -> str:
    """A value as text: lists with commas, yes and no for flags, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    return str(value)


def amount(value: Any, currency: str | None = "") -> str:
    """A decimal with its thousands parted, its currency before it, cents only where it has some: "EUR 1,250,000", "−3,200.50".

    `currency`: None where the value is no decimal; like anything else that is no number, it is then said plainly.
    """
    try:
        number = Decimal(str(value)) if currency is not None else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        return plain(value)
    exponent = number.normalize().as_tuple().exponent
    cents = max(2, -int(exponent)) if int(exponent) < 0 else 0
    return f"{currency} {number:,.{cents}f}".strip().replace("-", "−")


def amounts(sums: Mapping[str, Decimal]) -> str:
    """Money by currency, whole units, the largest first: "EUR 480,000 and GBP 3,200"."""
    listed = [amount(round(total), code) for code, total in sorted(sums.items(), key=lambda item: -abs(item[1]))]
    return " and ".join(filter(None, (", ".join(listed[:-1]), *listed[-1:])))


def elide(text: str, most: int = 14) -> str:
    """A long ID with its middle left out: people know IDs by both ends."""
    return text if len(text) <= most else f"{text[: most - 7]}…{text[-6:]}"
