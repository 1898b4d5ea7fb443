"""A twin as a server of its own on loopback, started and awaited."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx2

from connectors.twins.control_client import ControlClient


def start(name: str, port: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """One twin under Gunicorn, as in production, in a process group of its own so that a test can kill all of it at once."""
    options = ["--workers=1", "--worker-class=gthread", "--threads=8", "--no-control-socket", "--log-level=error"]
    command = [sys.executable, "-m", "gunicorn", f"connectors.twins.{name}:app", f"--bind=127.0.0.1:{port}", *options]
    root = Path(__file__).parents[1]
    return subprocess.Popen(command, env={**os.environ, **environment, "PYTHONPATH": str(root)}, cwd=root, start_new_session=True)


def await_answer(control: ControlClient) -> None:
    """Wait until the twin answers, 20 seconds at the most."""
    until = time.monotonic() + 20
    while True:
        try:
            control.stats()
            return
        except httpx2.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
