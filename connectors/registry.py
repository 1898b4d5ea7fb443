"""Which systems are connected: their settings come from the environment, and what is not set is not connected."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from connectors import manifest
from connectors.manifest import Manifest, Setting
from mdm import ports
from mdm.errors import BadConfiguration, Problem

if TYPE_CHECKING:
    from connectors.base import RestConnector


def report(environment: Mapping[str, str] = os.environ) -> None:
    """Register every system whose settings are there.

    Raises:
        BadConfiguration: a system has some of its settings but not all; every missing one is named.
    """
    for system in configured(environment):
        ports.register(system, _kept(system, environment))


def configured(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Codes of the systems that are connected.

    Raises:
        BadConfiguration: a system has some of its settings but not all.
    """
    found, problems = [], list[Problem]()
    for system, facts in manifest.shipped().items():
        missing = _missing(facts, environment)
        needed = [setting for setting in facts.settings.values() if setting.required]
        if not facts.protocol or len(missing) == len(needed):
            continue
        problems += [_problem(facts, setting) for setting in missing]
        found.append(system)
    if problems:
        raise BadConfiguration("\n".join(problem["message"] for problem in problems), problems=problems)
    return tuple(found)


def build(system: str, environment: Mapping[str, str] = os.environ) -> RestConnector:
    """The connector of a system, with its own connections.

    Raises:
        BadConfiguration: there is no such system, or its settings are not there.
    """
    facts = manifest.shipped().get(system)
    if facts is None or not facts.protocol:
        raise BadConfiguration(f"No connector speaks to {system!r}.")
    problems = [_problem(facts, setting) for setting in _missing(facts, environment)]
    if problems:
        raise BadConfiguration("\n".join(problem["message"] for problem in problems), problems=problems)
    # Imported here, so that a process that calls no system does not pay for HTTP and cryptography at its start.
    from connectors import systems

    return systems.connector(facts, settings(facts, environment))


def settings(facts: Manifest, environment: Mapping[str, str]) -> dict[str, str]:
    """All settings of a system by name; what is not set has its default or is empty."""
    return {name: _value(setting, environment) for name, setting in facts.settings.items()}


def _kept(system: str, environment: Mapping[str, str]) -> Callable[[], RestConnector]:
    """A factory that keeps one connector a process: connections must not be shared with a forked child."""
    kept: dict[int, RestConnector] = {}

    def connector() -> RestConnector:
        process = os.getpid()
        if process not in kept:
            kept[process] = build(system, environment)
        return kept[process]

    return connector


def _missing(facts: Manifest, environment: Mapping[str, str]) -> list[Setting]:
    return [setting for setting in facts.settings.values() if setting.required and not _value(setting, environment)]


def _value(setting: Setting, environment: Mapping[str, str]) -> str:
    """The setting; a secret may stand in a file that NAME_FILE names."""
    file = environment.get(f"{setting.env}_FILE") if setting.secret else None
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    return environment.get(setting.env) or setting.default


def _problem(facts: Manifest, setting: Setting) -> Problem:
    message = f"{setting.env} is not set, and {facts.title} is connected by other settings."
    return Problem(
        code="setting", field=setting.env, message=message, remedy=f"Set {setting.env}, or unset all of {facts.system}."
    )
