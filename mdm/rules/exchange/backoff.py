"""How long to wait before the next attempt."""

from __future__ import annotations

MAX_DOUBLINGS = 60  # 2.0**60 s is beyond any cap; more would overflow for a job that fails for years


def next_delay(attempt: int, *, retry_after: float | None = None, jitter: float, base: float = 2.0, cap: float = 3600.0) -> float:
    """Seconds until the attempt after `attempt` (1 is the first that failed).

    Full jitter: a `jitter` share (0..1, drawn by the caller) of min(cap, base * 2^(attempt-1)), so that callers that
    failed together do not come back together. What the other side asks for (`retry_after`, seconds) is waited in
    full up to `cap`, with up to `base` seconds more for the same reason.
    """
    if retry_after is not None:
        return min(max(retry_after, 0.0), cap) + jitter * base
    doublings = min(max(attempt - 1, 0), MAX_DOUBLINGS)
    return float(jitter * min(cap, base * 2.0**doublings))
