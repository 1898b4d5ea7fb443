"""Runs an action again when PostgreSQL asked for it: a deadlock or a serialization failure is no one's error."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

AGAIN = {"40001", "40P01", "55P03"}
"""serialization_failure, deadlock_detected, lock_not_available: PostgreSQL, Appendix A."""
ATTEMPTS = 8


def on_conflict(action: Callable[P, R]) -> Callable[P, R]:
    """Try up to 8 times with a growing random pause; inside somebody's transaction the first failure is theirs."""

    @functools.wraps(action)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return action(*args, **kwargs)
            except OperationalError as error:
                again = getattr(error.__cause__, "sqlstate", None) in AGAIN
                if not again or attempt == ATTEMPTS or connection.in_atomic_block:
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise AssertionError("unreachable")

    return tried
