"""Compares a system with the hub in full: streams its rows through the hub's drift ledger."""

from __future__ import annotations

from django.utils import timezone

from connectors import turns
from connectors.errors import ConnectorError
from connectors.turns import Progress
from mdm import permissions, ports
from mdm.actions.exchange import reconcile
from mdm.readers.exchange import sync as readers


def work(target: str) -> bool:
    """Do the waiting `reconcile` job of one system; whether there was one."""
    return turns.take("reconcile", target, lambda system, progress: compare(system, progress=progress))


def compare(system: str, *, progress: Progress = lambda source, count: None) -> int:
    """Compare every object of `system`; returns how many differences were found. Memory does not grow with the system.

    Raises:
        ConnectorError: the system refused; the run stays open and goes on next time.
    """
    connector = ports.connector(system)
    if connector is None:
        raise ConnectorError(f"No connection to {system} is configured.", permanent=True, code="not_configured")
    machine, found = permissions.machine(), 0
    for source in readers.sources(system):
        run, count = reconcile.start(source=source, actor=machine, at=timezone.now()), 0
        for page in connector.scan(source.object):
            found += reconcile.page(run=run, rows=page.records, cursor=page.cursor, actor=machine, at=timezone.now())
            count += len(page.records)
            progress(f"{source.system_id}/{source.object}", count)
        reconcile.finish(run=run, actor=machine, at=timezone.now())
    return found
