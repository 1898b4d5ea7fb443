"""`python -m mdm.embedded DATA`: keeps the server of a data folder running and shows its log; SIGTERM stops both.

Its own program rather than a management command: it starts in 0.2 s, and needs none of the hub's code.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from threading import Event

from mdm import embedded
from mdm.errors import BadConfiguration


def main(data: Path) -> int:
    """0 when it was told to stop, 1 when the server ended by itself, 2 when it cannot start."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log = embedded.log_file(data)
    seen = log.stat().st_size if log.exists() else 0
    try:
        embedded.ensure_running(data)
    except BadConfiguration as error:
        return _say(error.message, 2)
    process = embedded.pid(data)
    _say(f"PostgreSQL is ready, process {process}")
    while not stop.wait(0.5):
        seen = _show(log, seen)
        if embedded.pid(data) != process:
            return _say("PostgreSQL ended", 1)
    embedded.stop(data)
    _show(log, seen)
    return 0


def _show(log: Path, seen: int) -> int:
    """Print what the log grew by; a rotated log is read from its beginning. Returns the new size in bytes."""
    if not log.exists():
        return 0
    with log.open("rb") as lines:
        size = lines.seek(0, 2)
        lines.seek(seen if seen <= size else 0)
        for line in lines.read(size).decode(errors="replace").splitlines():
            _say(line)
    return size


def _say(line: str, code: int = 0) -> int:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
