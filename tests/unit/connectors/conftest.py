"""Both twins as real servers on loopback, and one view of either for tests that every connector must pass."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors import manifest, registry, systems
from connectors.base import RestConnector
from connectors.twins import credentials
from connectors.twins.control_client import ControlClient
from connectors.twins.credentials import Credentials
from connectors.twins.salesforce.ids import long_form
from mdm.ports import RawRecord
from tests import twin_servers

PAGE_ROWS = 200
OLD = datetime(2025, 3, 1, 12, 0, 0, tzinfo=UTC)
_NUMBERS = itertools.count(700_001)


@dataclass(frozen=True)
class Twins:
    """Both servers, and how to reach them."""

    urls: Mapping[str, str]
    credentials: Credentials
    controls: Mapping[str, ControlClient]
    connectors: Mapping[str, RestConnector]


@dataclass(frozen=True)
class System:
    """One system as its connector and its control plane see it. `names`: what a field is called there."""

    connector: RestConnector
    control: ControlClient
    object: str
    other_object: str
    names: Mapping[str, str]

    def seed(self, count: int, *, object: str = "", **fields: Any) -> list[str]:
        """New old rows, a minute between them; gives their ids."""
        numbers = [next(_NUMBERS) for _ in range(count)]
        rows = [self._row(number, OLD + timedelta(minutes=i), fields) for i, number in enumerate(numbers)]
        for start in range(0, count, 1000):
            self.control.seed(object or self.object, rows[start : start + 1000])
        return [row[self.names["id"]] for row in rows]

    def drain(self, *, object: str = "", cursor: str | None = None) -> tuple[list[RawRecord], str]:
        """All that changed since the cursor, and the new cursor."""
        records: list[RawRecord] = []
        for page in self.connector.changes(object or self.object, cursor=cursor):
            records += page.records
            cursor = page.cursor
        assert cursor is not None
        return records, cursor

    def writes_of(self, row_id: str) -> list[dict[str, Any]]:
        """The journal of one row."""
        return [entry for entry in self.control.journal() if entry["id"] == row_id]

    def _row(self, number: int, at: datetime, fields: Mapping[str, Any]) -> dict[str, Any]:
        if self.connector.system == "netsuite":
            return {
                "id": str(number),
                "companyName": f"Firm {number}",
                "lastModifiedDate": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                **fields,
            }
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        return {
            "Id": long_form(f"001Tw{number:010d}"),
            "Name": f"Firm {number}",
            "SystemModstamp": stamp,
            "IsDeleted": False,
            **fields,
        }


NAMES = {
    "salesforce": {
        "id": "Id",
        "name": "Name",
        "phone": "Phone",
        "country": "BillingCountryCode",
        "stamp": "Enterprise_Id__c",
        "city": "BillingCity",
    },
    "netsuite": {
        "id": "id",
        "name": "companyName",
        "phone": "phone",
        "country": "custentity_country",
        "stamp": "custentity_enterprise_id",
        "city": "custentity_city",
    },
}
OBJECTS = {"salesforce": ("Account", "Project__c"), "netsuite": ("customer", "job")}


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """Both twins, started once for the session on free ports."""
    folder = tmp_path_factory.mktemp("twins")
    kept = credentials.ensure(folder / "keys")
    ports = {name: twin_servers.free_port() for name in ("salesforce", "netsuite")}
    servers = [twin_servers.start(name, port, kept.twin_environment(folder / "data")) for name, port in ports.items()]
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    controls = {name: ControlClient(url, kept.admin_key) for name, url in urls.items()}
    connectors: dict[str, RestConnector] = {}
    try:
        for control in controls.values():
            twin_servers.await_answer(control)
        environment = kept.client_environment(urls["salesforce"], urls["netsuite"])
        connectors = {name: _connector(name, environment) for name in urls}
        yield Twins(urls, kept, controls, connectors)
    finally:
        for client in (*controls.values(), *connectors.values()):
            client.close()
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(timeout=20)


@pytest.fixture(params=["salesforce", "netsuite"])
def system(request: pytest.FixtureRequest, twins: Twins) -> Iterator[System]:
    """Each system in turn, without faults from an earlier test."""
    name = request.param
    twins.controls[name].clear_faults()
    yield _system(name, twins)
    twins.controls[name].clear_faults()


@pytest.fixture
def salesforce(twins: Twins) -> System:
    twins.controls["salesforce"].clear_faults()
    return _system("salesforce", twins)


@pytest.fixture
def netsuite(twins: Twins) -> System:
    twins.controls["netsuite"].clear_faults()
    return _system("netsuite", twins)


@pytest.fixture(scope="session")
def start() -> Any:
    """How to start a twin: (name, port, environment) -> process, and how to wait for it."""
    return twin_servers.start, twin_servers.await_answer, twin_servers.free_port


def _system(name: str, twins: Twins) -> System:
    return System(twins.connectors[name], twins.controls[name], *OBJECTS[name], NAMES[name])


def _connector(name: str, environment: Mapping[str, str]) -> RestConnector:
    """The connector with the smallest pages that Salesforce gives, so that a few rows make several pages."""
    facts = manifest.shipped()[name]
    objects = {each.name: replace(each, read=replace(each.read, page_rows=PAGE_ROWS)) for each in facts.objects.values()}
    return systems.connector(replace(facts, objects=objects), registry.settings(facts, environment))
