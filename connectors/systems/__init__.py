"""The systems: a manifest each, and a small room of Python where a protocol has quirks that YAML cannot say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors import auth
from connectors.base import RestConnector, Room
from connectors.http import Door
from connectors.manifest import Manifest
from connectors.systems import netsuite, salesforce

ROOMS: Mapping[str, tuple[Callable[[Door, Mapping[str, str]], Room], Callable[..., tuple[str, str]]]] = {
    "salesforce": (salesforce.Salesforce, salesforce.explain),
    "netsuite": (netsuite.NetSuite, netsuite.explain),
}


def connector(manifest: Manifest, settings: Mapping[str, str]) -> RestConnector:
    """The connector of a system with these settings."""
    room, explain = ROOMS[manifest.protocol]
    door = Door(
        base_url=settings["url"],
        auth=auth.KINDS[manifest.auth["kind"]](manifest.auth, settings),
        limits=manifest.limits,
        rules=manifest.errors,
        explain=explain,
    )
    return RestConnector(manifest, room(door, settings))
