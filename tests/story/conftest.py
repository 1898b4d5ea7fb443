"""A target behind HTTP that wants its rows stamped, and the stock Celery processes that do it, to be killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from connectors import declare, extract, registry
from connectors.base import RestConnector
from connectors.twins import credentials, sample
from connectors.twins.control_client import ControlClient
from connectors.twins.sample.firm import Firm, domain_of
from mdm import ports
from mdm.engine.preparing import Incoming
from mdm.readers.exchange import sync
from tests import twin_servers
from tests.factories.records import send
from tests.story import celery_processes
from tests.story.celery_processes import Celery

TARGET = "netsuite"
FILES = ("workday", "dynamics365")
WRITES = "/services/rest/record/v1/"
SCALE = 0.13
"""Of the sample firm: about 300 rows of the target."""


@dataclass(frozen=True, slots=True)
class Target:
    """The NetSuite twin: its control plane, the hub's connector to it, and the settings that lead a hub to it."""

    control: ControlClient
    connector: RestConnector
    settings: Mapping[str, str]

    def writes(self) -> int:
        """How many writes changed something, ever."""
        return int(self.control.stats()["writes"]["effective"])

    def idle_writes(self) -> int:
        """How many writes said what the row held already, since the twin's start."""
        return int(self.control.stats()["writes"]["idle"])

    def writes_by_row(self) -> Counter[tuple[str, str]]:
        """How many effective writes each row had, by (object, id)."""
        return Counter((entry["object"], entry["id"]) for entry in self.control.journal())

    def stamps(self) -> dict[tuple[str, str], str]:
        """The enterprise ID that each row known to the hub holds, asked over the target's own protocol."""
        return {
            (source.object, row.native_id): str(row.payload.get(source.enterprise_id_field))
            for source in sync.sources(TARGET)
            for page in self.connector.scan(source.object)
            for row in page.records
            if (row.scope, row.native_id) in sync.stamps(source)
        }


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    """An empty NetSuite twin with a data folder of its own."""
    kept, port = credentials.ensure(tmp_path / "keys"), twin_servers.free_port()
    server = twin_servers.start(TARGET, port, kept.twin_environment(tmp_path / "data"))
    url = f"http://127.0.0.1:{port}"
    known = {name: value for name, value in kept.client_environment("", url).items() if name.startswith("NETSUITE_")}
    connector = registry.build(TARGET, known)
    with ControlClient(url, kept.admin_key) as control:
        try:
            twin_servers.await_answer(control)
            yield Target(control, connector, known)
        finally:
            connector.close()
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture
def wishes(target: Target, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """About 300 rows of the target that want their enterprise ID and what survived; nothing is pushed yet. Gives the IDs."""
    firm = sample.generate(scale=SCALE)
    for (system, name), rows in firm.rows.items():
        if system == TARGET:
            target.control.seed(name, [row.payload for row in rows])
    monkeypatch.setitem(ports._connectors, TARGET, lambda: target.connector)
    for name, value in target.settings.items():
        monkeypatch.setenv(name, value)
    declare.systems(at=timezone.now(), scheduled=False)
    for system in FILES:
        send(*records_of(firm, system), at=timezone.now())
    extract.pull(TARGET)
    return {(source.object, row): name for source in sync.sources(TARGET) for (_, row), name in sync.stamps(source).items()}


def records_of(firm: Firm, system: str) -> list[Incoming]:
    """What a system of the sample firm says, as records on their way in."""
    return [
        Incoming(system, name, row.native_id, dict(row.payload), domain_of(system, name), row.scope, row.updated_at)
        for (owner, name), rows in firm.rows.items()
        if owner == system
        for row in rows
    ]


@pytest.fixture
def celery(wishes: Any, target: Target, tmp_path: Path) -> Iterator[Celery]:
    """The stock Celery commands, with short leases; whatever still runs at the end is killed before the tables are emptied."""
    with celery_processes.running(target.settings, tmp_path / "celery.log") as found:
        yield found
