"""Puts the Salesforce twin together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from connectors.twins import schema, settings
from connectors.twins.control import Control
from connectors.twins.faults import Faults
from connectors.twins.rows import Rows, Vendor
from connectors.twins.salesforce import voice
from connectors.twins.salesforce.batches import Collections
from connectors.twins.salesforce.ids import new_id
from connectors.twins.salesforce.login import Login
from connectors.twins.salesforce.metadata import Metadata
from connectors.twins.salesforce.queries import Queries
from connectors.twins.salesforce.records import Records
from connectors.twins.store import Store
from connectors.twins.web import Application

_NEEDED = ("TWIN_SALESFORCE_CLIENT_ID", "TWIN_SALESFORCE_USERNAME", "TWIN_SALESFORCE_PUBLIC_KEY_FILE")
_DEFAULTS = {
    "TWIN_SALESFORCE_AUDIENCE": "https://login.salesforce.com",
    "TWIN_SALESFORCE_SESSION_SECONDS": "7200",
    "TWIN_SALESFORCE_DAILY_CALLS": "100000",
}


def build(environment: Mapping[str, str]) -> Application:
    """The WSGI application for these environment variables.

    Raises:
        ValueError: some are missing.
    """
    found = settings.read(environment, needed=_NEEDED, defaults=_DEFAULTS)
    store = Store(found.data / "salesforce.sqlite3")
    faults, objects = Faults(store), schema.load("connectors.twins.salesforce")
    vendor = Vendor(
        moment=moment, new_id=new_id, fresh={"IsDeleted": False}, keeps_deleted=True, also_stamped=("LastModifiedDate",)
    )
    rows = Rows(store=store, faults=faults, vendor=vendor)
    login = Login(
        store=store,
        client_id=found.value("TWIN_SALESFORCE_CLIENT_ID"),
        username=found.value("TWIN_SALESFORCE_USERNAME"),
        public_key=Path(found.value("TWIN_SALESFORCE_PUBLIC_KEY_FILE")).read_text(encoding="ascii"),
        audience=found.value("TWIN_SALESFORCE_AUDIENCE"),
        session_seconds=int(found.value("TWIN_SALESFORCE_SESSION_SECONDS")),
    )
    control = Control(rows=rows, schema=objects, faults=faults, admin_key=found.admin_key)
    return Application(
        store=store,
        faults=faults,
        voice=voice.Salesforce(
            store=store, faults=faults, login=login, daily_calls=int(found.value("TWIN_SALESFORCE_DAILY_CALLS"))
        ),
        routes=[
            *control.routes(),
            *login.routes(),
            *Queries(rows, objects).routes(),
            *Collections(rows, objects).routes(),
            *Metadata(rows, objects).routes(),
            *Records(rows, objects).routes(),
        ],
    )


def moment(at: datetime) -> str:
    """A time as Salesforce writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
