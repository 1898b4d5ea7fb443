"""A progress line for long commands: count, rate, time left."""

from __future__ import annotations

import time
from typing import TextIO


class Progress:
    """Writes `name: 12,000 of 50,000 · 3,400/s · 11 s left`, in place on a terminal, every 5 s elsewhere."""

    def __init__(self, name: str, out: TextIO, *, total: int | None = None) -> None:
        self.name, self.out, self.total = name, out, total
        self.started = self.stage_started = self.said = time.monotonic()
        self.what = ""
        self.is_terminal = out.isatty()

    def at(self, count: int) -> None:
        """Say how far we are, not too often."""
        now = time.monotonic()
        if now - self.said >= (0.2 if self.is_terminal else 5.0):
            self.said = now
            self.out.write(f"\r{self._line(count)}\033[K" if self.is_terminal else f"{self._line(count)}\n")
            self.out.flush()

    def stage(self, what: str, count: int) -> None:
        """Say which stage of several we are in; counts and rates are the stage's own."""
        if what != self.what:
            self.what, self.stage_started, self.said = what, time.monotonic(), 0.0
        self.at(count)

    def done(self, count: int) -> None:
        """Say the final count."""
        seconds = time.monotonic() - self.started
        end = f"{self.name}: {count:,} in {seconds:.1f} s"
        self.out.write(f"\r{end}\033[K\n" if self.is_terminal else f"{end}\n")
        self.out.flush()

    def _line(self, count: int) -> str:
        rate = count / max(time.monotonic() - self.stage_started, 1e-6)
        of = f" of {self.total:,}" if self.total else ""
        left = f" · {max(self.total - count, 0) / rate:,.0f} s left" if self.total and rate else ""
        return f"{self.name}: {f'{self.what} ' if self.what else ''}{count:,}{of} · {rate:,.0f}/s{left}"
