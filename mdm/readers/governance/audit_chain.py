"""Is the audit trail as it was written? Walks the hash chain and names the first entry that does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mdm import audit
from mdm.models import AuditEntry

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: whoever keeps it elsewhere can later prove that nothing before it was cut off or rewritten."""

    position: int
    chain: str

    def __str__(self) -> str:
        return f"{self.position}:{self.chain}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault`: a sentence that names the first position that does not fit, empty when all do. `waiting`: not stamped yet."""

    entries: int
    waiting: int
    head: Head
    fault: str = ""


def verify(*, anchor: Head | None = None) -> Verdict:
    """Check every stamped entry, in order. `anchor`: a head that was noted earlier; the chain must still pass through it.

    Erased entries (no salt, no old, no new and no reason) keep their place in the chain. Cost: one pass over the trail.
    """
    position, chain, fault = 0, b"", ""
    for entry in _stamped():
        fault = _fault(entry, position, chain)
        if fault:
            break
        position, chain = position + 1, bytes(entry.chain or b"")
        if anchor is not None and position == anchor.position and chain.hex() != anchor.chain:
            fault = f"Position {position} is not what the anchor says: the chain was written anew."
            break
    if not fault and anchor is not None and position < anchor.position:
        fault = f"The chain ends at position {position}, but the anchor is at {anchor.position}: its end was cut off."
    waiting = AuditEntry.objects.filter(position=None).count()
    return Verdict(position, waiting, Head(position, chain.hex()), fault)


def head_of(text: str) -> Head:
    """A head as `Head.__str__` writes it; ValueError for anything else."""
    position, _, chain = text.partition(":")
    bytes.fromhex(chain)
    return Head(int(position), chain)


def _stamped() -> Iterator[AuditEntry]:
    return AuditEntry.objects.filter(position__isnull=False).order_by("position").iterator(chunk_size=CHUNK)


def _fault(entry: AuditEntry, position: int, chain: bytes) -> str:
    """What is wrong with the entry that should follow `position`, empty when nothing is."""
    if entry.position != position + 1:
        return f"Position {position + 1} is missing."
    reason = () if entry.form == 1 else (entry.reason,)
    if entry.salt is None and (entry.old is not None or entry.new is not None or any(reason)):
        return f"Position {entry.position} ({entry.verb} {entry.subject}) has values but no salt: it was edited."
    if entry.salt is not None and audit.digest(bytes(entry.salt), entry.old, entry.new, *reason) != bytes(entry.digest):
        return f"Position {entry.position} ({entry.verb} {entry.subject}): its old or new value or reason is not as written."
    if audit.link(chain, entry, entry.position) != bytes(entry.chain or b""):
        return f"Position {entry.position} ({entry.verb} {entry.subject}): it is not what was written."
    return ""
