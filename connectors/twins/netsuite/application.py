"""Puts the NetSuite twin together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.twins import schema, settings
from connectors.twins.control import Control
from connectors.twins.faults import Faults
from connectors.twins.netsuite.catalog import Catalog
from connectors.twins.netsuite.jobs import Jobs
from connectors.twins.netsuite.queries import Queries
from connectors.twins.netsuite.records import Records
from connectors.twins.netsuite.tba import Account, TokenAuthentication
from connectors.twins.netsuite.voice import NetSuite
from connectors.twins.rows import Rows, Vendor
from connectors.twins.schema import ObjectType
from connectors.twins.store import Store
from connectors.twins.web import Application

_NEEDED = (
    "TWIN_NETSUITE_ACCOUNT",
    "TWIN_NETSUITE_CONSUMER_KEY",
    "TWIN_NETSUITE_CONSUMER_SECRET",
    "TWIN_NETSUITE_TOKEN_ID",
    "TWIN_NETSUITE_TOKEN_SECRET",
)
_DEFAULTS = {"TWIN_NETSUITE_CONCURRENCY": "5"}
_FIRST_NEW_ID = 200_000


def build(environment: Mapping[str, str]) -> Application:
    """The WSGI application for these environment variables.

    Raises:
        ValueError: some are missing.
    """
    found = settings.read(environment, needed=_NEEDED, defaults=_DEFAULTS)
    store = Store(found.data / "netsuite.sqlite3")
    faults, types = Faults(store), schema.load("connectors.twins.netsuite")
    vendor = Vendor(moment=moment, new_id=_new_id, fresh={}, keeps_deleted=False)
    rows = Rows(store=store, faults=faults, vendor=vendor)
    account = Account(
        realm=found.value("TWIN_NETSUITE_ACCOUNT"),
        consumer_key=found.value("TWIN_NETSUITE_CONSUMER_KEY"),
        consumer_secret=found.value("TWIN_NETSUITE_CONSUMER_SECRET"),
        token_id=found.value("TWIN_NETSUITE_TOKEN_ID"),
        token_secret=found.value("TWIN_NETSUITE_TOKEN_SECRET"),
    )
    control = Control(rows=rows, schema=types, faults=faults, admin_key=found.admin_key)
    records = Records(rows, types)
    return Application(
        store=store,
        faults=faults,
        voice=NetSuite(faults=faults, authentication=TokenAuthentication(account)),
        routes=[
            *control.routes(),
            *Queries(rows, types).routes(),
            *Catalog(types).routes(),
            *Jobs(rows, types, records).routes(),
            *records.routes(),
        ],
        most_at_once=int(found.value("TWIN_NETSUITE_CONCURRENCY")),
    )


def moment(at: datetime) -> str:
    """A time as the record service writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _new_id(store: Store, kind: ObjectType) -> str:
    return str(store.next_number(f"id {kind.name}", first=_FIRST_NEW_ID))
