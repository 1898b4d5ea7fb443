"""Pulls what changed in a system into the hub, page by page; the cursor moves with each page that is in."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.utils import timezone

from connectors import turns
from connectors.errors import ConnectorError
from connectors.turns import Progress
from mdm import permissions, ports
from mdm.actions.intake import loads, records
from mdm.engine.preparing import Incoming
from mdm.ports import Connector, RawRecord
from mdm.readers.exchange import sync as readers

if TYPE_CHECKING:
    from mdm.models import SourceObject

logger = logging.getLogger(__name__)

FIRST_LOAD_ROWS = 200
"""A page of a first load that is at least this large takes its domain for itself: one commit instead of dozens."""


def work(target: str) -> bool:
    """Do the waiting `pull` job of one system; whether there was one."""
    return turns.take("pull", target, lambda system, progress: pull(system, progress=progress))


def pull(system: str, *, progress: Progress = lambda source, count: None) -> int:
    """Take in all that changed in `system` since the last time; returns how many rows were read.

    Raises:
        ConnectorError: the system refused; what came before is in, and the cursor says so.
    """
    connector = ports.connector(system)
    if connector is None:
        raise ConnectorError(f"No connection to {system} is configured.", permanent=True, code="not_configured")
    return sum(_pull_object(connector, source, progress) for source in readers.sources(system))


def _pull_object(connector: Connector, source: SourceObject, progress: Progress) -> int:
    machine, count = permissions.machine(), 0
    load = loads.start(source=source, way="PULL", actor=machine, at=timezone.now())
    error = "stopped"
    try:
        for page in connector.changes(source.object, cursor=source.cursor or None):
            count += len(page.records)
            alone = not source.cursor_at and len(page.records) >= FIRST_LOAD_ROWS
            incoming = [_incoming(source, row) for row in page.records]
            records.ingest(records=incoming, actor=machine, at=timezone.now(), way="PULL", load=load, alone=alone)
            loads.advance(source=source, cursor=page.cursor, actor=machine, at=timezone.now())
            progress(f"{source.system_id}/{source.object}", count)
        error = ""
    except ConnectorError as refused:
        error = str(refused)
        raise
    finally:
        loads.finish(load=load, actor=machine, at=timezone.now(), error=error)
    return count


def _incoming(source: SourceObject, row: RawRecord) -> Incoming:
    return Incoming(
        source.system_id,
        source.object,
        row.native_id,
        row.payload,
        source.domain,
        row.scope,
        row.updated_at,
        row.sequence,
        row.is_deleted,
    )
