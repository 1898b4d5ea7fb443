"""The running server: is it there, start it, heal what a crash left, stop it."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path

from mdm.embedded import cluster
from mdm.embedded.places import PORT, Place, socket_folder
from mdm.errors import BadConfiguration

START_SECONDS, ORPHAN_SECONDS = 600, 2  # a crash recovery may take minutes
LOG_BYTES = 16 * 2**20
DEAD_PID = "99999999"  # above every pid_max, so that no process ever has it

# For a laptop with 2 cores and 4 GB or more. Other settings may be edited in postgresql.conf; these win over it.
TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "120",
    "max_locks_per_transaction": "512",  # so that a batch of 100 records commits in one part
    "synchronous_commit": "on",
    "max_wal_size": "4GB",  # a bulk load should not checkpoint every few seconds
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than our short queries
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}


def answers(data: Path) -> bool:
    """Is the server under `data` ready and listening? One small file read and one knock on the socket."""
    if _status(data / "postgres" / "cluster") != "ready":
        return False
    with socket.socket(socket.AF_UNIX) as knock:
        knock.settimeout(5)
        try:
            knock.connect(str(socket_folder(data) / f".s.PGSQL.{PORT}"))
        except (FileNotFoundError, ConnectionRefusedError, BlockingIOError, TimeoutError):
            return False
    return True


def postmaster(place: Place) -> int | None:
    """The pid in postmaster.pid if that process is a PostgreSQL of this folder; pids are reused, so the number is no proof."""
    lines = _pid_file(place.cluster)
    number = int(lines[0]) if lines and lines[0].isdigit() else 0
    return number if number and _works_in(number, place.cluster) else None


def start(place: Place) -> None:
    """Start the server, or wait for one that is starting; what a crash left is healed first.

    Raises:
        BadConfiguration: it did not start; with the reason from its log.
    """
    if postmaster(place) is not None:
        if _status(place.cluster) != "stopping" and _becomes_ready(place):
            return
        halt(place)
    _heal(place)
    log = place.home / "server.log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    before = log.stat().st_size if log.exists() else 0
    settings = {**TUNING, "unix_socket_directories": str(place.socket)}
    options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
    done = cluster.run(place, ["pg_ctl", "start", "-D", "cluster", "-l", log.name, "-t", str(START_SECONDS), "-o", options])
    if done.returncode:
        why = cluster.reason((log.read_bytes()[before:].decode(errors="replace") if log.exists() else "") or done.stdout)
        raise BadConfiguration(f"The embedded PostgreSQL in {place.home} did not start: {why}; its log is {log}.")


def halt(place: Place) -> None:
    """Stop the server: roll back what is open, after 30 seconds cut it off.

    Raises:
        BadConfiguration: it does not stop.
    """
    for mode in ("fast", "immediate"):
        if cluster.run(place, ["pg_ctl", "stop", "-D", "cluster", "-m", mode, "-t", "30"]).returncode == 0:
            return
    if postmaster(place) is not None:
        raise BadConfiguration(f"The embedded PostgreSQL in {place.home} does not stop; see {place.home / 'server.log'}.")


def orphans(place: Place) -> list[int]:
    """Pids of all processes of this cluster, which outlive a killed server: they notice its death unless busy computing."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _works_in(int(entry.name), place.cluster)]


def _pid_file(folder: Path) -> list[str]:
    """Lines of postmaster.pid: pid, folder, start, port, socket folder, address, shared memory, status. [] without one."""
    try:
        return [line.strip() for line in (folder / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _status(folder: Path) -> str:
    """starting, ready or stopping, as the server itself says; empty when it says nothing."""
    lines = _pid_file(folder)
    return lines[7] if len(lines) > 7 else ""


def _works_in(number: int, folder: Path) -> bool:
    """Is this live process a PostgreSQL one of this cluster? All of them have the cluster as their working folder."""
    if not Path("/proc/self").exists():
        shown = subprocess.run(["ps", "-o", "command=", "-p", str(number)], capture_output=True, text=True, check=False)
        return "postgres" in shown.stdout
    process = Path("/proc") / str(number)
    try:
        return b"postgres" in (process / "cmdline").read_bytes() and (process / "cwd").samefile(folder)
    except OSError:
        return False


def _becomes_ready(place: Place) -> bool:
    """Wait for a server that somebody else is starting, as long as it lives."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and postmaster(place) is not None:
        if answers(place.home.parent):
            return True
        time.sleep(0.1)
    return False


def _heal(place: Place) -> None:
    """After kill -9: end what the dead server left running, and make a reused pid harmless.

    postmaster.pid itself stays: its shared memory line is how PostgreSQL finds out that old backends still write.
    """
    deadline = time.monotonic() + ORPHAN_SECONDS
    while (left := orphans(place)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for number in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    for path in (place.cluster / "postmaster.pid", place.socket / f".s.PGSQL.{PORT}.lock"):
        if path.exists():
            _, _, rest = path.read_text(encoding="utf-8", errors="replace").partition("\n")
            path.write_text(f"{DEAD_PID}\n{rest}", encoding="utf-8")
