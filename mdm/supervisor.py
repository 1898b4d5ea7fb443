"""One process tree: children started in order, one prefixed log, the dead restarted, all stopped in reverse order.

Knows nothing of the hub; `mdm.management.processes` names the children.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from threading import Event, Lock, Thread, current_thread, main_thread
from typing import IO, TextIO

from mdm.errors import BadConfiguration

LONGEST_PAUSE, HEALTHY_AFTER, REPORT_AFTER = 30, 60, 10  # seconds, seconds of life, deaths in a row
LINE_BYTES = 16_384
COLOURS = (36, 32, 33, 35, 34, 31)

# Runs first in each child, then becomes the child's command: Linux ends it when the supervisor dies, however that happens.
LAUNCHER = """
import ctypes, os, sys
parent, number, *command = sys.argv[1:]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(number), 0, 0, 0)
if os.getppid() != int(parent):
    sys.exit("the supervisor is gone")
os.execvp(command[0], command)
"""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive. `grace`: seconds from SIGTERM to SIGKILL; `orphaned`: its signal when the supervisor dies."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    grace: float = 20.0
    orphaned: signal.Signals = signal.SIGKILL


@dataclass(slots=True)
class _Life:
    """How one child fares: its process, when that began or is due (monotonic seconds), deaths in a row."""

    child: Child
    prefix: str
    process: subprocess.Popen[bytes] | None = None
    pump: Thread | None = None
    began: float = 0.0
    due: float = 0.0
    deaths: int = 0


class Tree:
    """The children of one supervisor; use `running`."""

    def __init__(self, children: Sequence[Child], out: TextIO) -> None:
        colours = cycle(COLOURS if out.isatty() and not os.environ.get("NO_COLOR") else (0,))
        width = max((len(child.name) for child in children), default=0)
        self._lives = [_Life(child, _prefix(child.name, width, colour)) for child, colour in zip(children, colours, strict=False)]
        self._out: TextIO | None = out
        self._said = Lock()
        self.stopping = Event()
        self.hurry = Event()
        # One thread starts all children: Linux counts the death of that thread as the death of the parent.
        self._watcher = Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start every child, in order, and keep watch from a thread of our own."""
        self._watcher.start()

    def stop(self) -> None:
        """Stop the children in reverse order, each with its grace; returns when none is left."""
        self.stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()

    def has(self, name: str) -> bool:
        """Is there a child of that name?"""
        return any(life.child.name == name for life in self._lives)

    def pid(self, name: str) -> int | None:
        """The process id of a child, None while it is down."""
        return next((life.process.pid for life in self._lives if life.child.name == name and life.process), None)

    def deaths(self, name: str) -> int:
        """How often the child has died in a row."""
        return next(life.deaths for life in self._lives if life.child.name == name)

    def say(self, line: str, prefix: str = "") -> None:
        """Write one line to the common log; when nobody reads it any more, end like on SIGTERM."""
        with self._said:
            try:
                if self._out:
                    self._out.write(f"{prefix}{line}\n")
                    self._out.flush()
            except (BrokenPipeError, ValueError):
                self._out = None
                os.kill(os.getpid(), signal.SIGTERM)

    def _watch(self) -> None:
        while not self.stopping.wait(0.1):
            for life in self._lives:
                self._tend(life)
        for life in reversed(self._lives):
            self._end(life)

    def _tend(self, life: _Life) -> None:
        if life.process is None:
            if time.monotonic() >= life.due:
                self._start(life)
        elif _has_ended(life.process):
            self._mourn(life, life.process)

    def _start(self, life: _Life) -> None:
        child = life.child
        launcher = [sys.executable, "-E", "-S", "-c", LAUNCHER, str(os.getpid()), str(int(child.orphaned))]
        life.process = subprocess.Popen(
            [*launcher, *child.command],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **child.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches only us: we stop the children in order
        )
        life.began = time.monotonic()
        life.pump = Thread(target=self._pump, args=(life.process.stdout, life.prefix), daemon=True)
        life.pump.start()

    def _pump(self, pipe: IO[bytes], prefix: str) -> None:
        with pipe:
            while line := pipe.readline(LINE_BYTES):
                self.say(line.decode(errors="replace").rstrip("\r\n"), prefix)

    def _mourn(self, life: _Life, process: subprocess.Popen[bytes]) -> None:
        _reap(process)
        now = time.monotonic()
        life.deaths = 1 if now - life.began >= HEALTHY_AFTER else life.deaths + 1
        pause = pause_after(life.deaths)
        life.process, life.due = None, now + pause
        self.say(f"{life.child.name} ended ({_how(process.returncode)}); starting it again in {pause:g} s", life.prefix)
        if life.deaths >= REPORT_AFTER:
            self.say(f"{life.child.name} has died {life.deaths} times in a row; the lines above say why", life.prefix)

    def _end(self, life: _Life) -> None:
        process = life.process
        if process is None:
            return
        os.kill(process.pid, signal.SIGTERM)  # not process.terminate(), which would reap a dead one
        deadline = time.monotonic() + life.child.grace
        while not _has_ended(process) and time.monotonic() < deadline and not self.hurry.is_set():
            time.sleep(0.02)
        if not _has_ended(process):
            self.say(f"{life.child.name} did not stop in {life.child.grace:g} s and was killed", life.prefix)
        _reap(process)
        life.process = None
        if life.pump:
            life.pump.join(timeout=1)  # its last words; a daemon it left behind may hold the pipe open


@contextlib.contextmanager
def running(children: Sequence[Child], out: TextIO | None = None) -> Iterator[Tree]:
    """Keep the children alive while the block runs, then stop them; their log goes to `out` (standard output).

    In the main thread SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt; a second one cuts the children's grace short.
    """
    tree = Tree(children, out or sys.stdout)
    with _signals(tree):
        try:
            tree.start()
            yield tree
        finally:
            tree.stop()


@contextlib.contextmanager
def alone(data: Path, what: str) -> Iterator[None]:
    """Hold the folder's `what`.lock, with our pid in it, while the block runs; a kill frees it.

    Raises:
        BadConfiguration: another process holds it; says which.
    """
    handle = os.open(data / f"{what}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode().strip()
            raise BadConfiguration(
                f"The hub on {data} runs already (process {holder}); stop it, or name another CONCORD_DATA."
            ) from None
        os.truncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def check_port(address: str, port: int, remedy: str, patience: float = 3.0) -> None:
    """See that we may listen there; children of a killed supervisor get `patience` seconds to let go.

    Raises:
        BadConfiguration: somebody else listens; `remedy` says what to do.
    """
    deadline = time.monotonic() + patience
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    while True:
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise BadConfiguration(f"Port {port} on {address} cannot be used ({error.strerror}); {remedy}") from error
            time.sleep(0.1)


def wait_until(ready: Callable[[], bool], seconds: float, gives_up: Callable[[], bool] = lambda: False) -> bool:
    """Ask `ready` five times a second; False when the time is over or `gives_up` says so."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline or gives_up():
            return False
        time.sleep(0.2)
    return True


def heard_signals() -> list[signal.Signals]:
    """The signals that stop us; those which our starter told us to ignore (nohup, &) stay ignored."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]


@contextlib.contextmanager
def _signals(tree: Tree) -> Iterator[None]:
    if current_thread() is not main_thread():
        yield
        return

    told: list[float] = []

    def handle(_number: int, _frame: object) -> None:
        told.append(time.monotonic())
        if len(told) == 1 and not tree.stopping.is_set():
            raise KeyboardInterrupt
        if told[-1] - told[0] > 1:  # not the same Ctrl-C that came twice, from the terminal and from make
            tree.hurry.set()

    numbers = heard_signals()
    before = [signal.signal(number, handle) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def pause_after(deaths: int) -> float:
    """Seconds to wait before a start after that many deaths in a row: 1, 2, 4 … 30."""
    return min(LONGEST_PAUSE, 2.0 ** (deaths - 1))


def _prefix(name: str, width: int, colour: int) -> str:
    shown = f"{name:<{width}} | "
    return f"\x1b[{colour}m{shown}\x1b[0m" if colour else shown


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Has it ended? Does not reap it, so that its pid still names its process group."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the child's process group (a killed web server leaves workers on its port), then reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _how(code: int) -> str:
    return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
