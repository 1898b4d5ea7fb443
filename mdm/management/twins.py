"""The Salesforce and NetSuite twins as processes beside the hub, and the settings that lead the hub to them.

The hub imports nothing of them: it names their servers, and asks their credentials' module by name.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings

from mdm.management.processes import child, module
from mdm.supervisor import Child

NAMES = ("salesforce", "netsuite")


def ports() -> tuple[int, ...]:
    """The two ports after the hub's own."""
    return tuple(settings.PORT + 1 + number for number in range(len(NAMES)))


def processes() -> list[Child]:
    """One server per twin; one process each, because its data is one SQLite file."""
    environment = _credentials().twin_environment(settings.DATA_FOLDER / "twins")
    options = ["--worker-class=gthread", "--workers=1", "--threads=8", "--no-control-socket", "--log-level=warning"]
    return [
        child(name, [*module("gunicorn"), f"connectors.twins.{name}:app", f"--bind=127.0.0.1:{port}", *options], environment)
        for name, port in zip(NAMES, ports(), strict=True)
    ]


def connections() -> dict[str, str]:
    """The environment variables that point the hub's connectors, and the sample's story, at the twins."""
    credentials = _credentials()
    urls = [f"http://127.0.0.1:{port}" for port in ports()]
    return {"TWIN_ADMIN_KEY": credentials.admin_key, **credentials.client_environment(*urls)}


def _credentials() -> Any:
    """The twins' keys, made on the first start and kept with their data."""
    folder = settings.DATA_FOLDER / "twins"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return import_module("connectors.twins.credentials").ensure(folder)
