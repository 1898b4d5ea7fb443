"""The desk in the hands of a person, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from mdm import permissions
from mdm.actions.governance import releases
from mdm.rules.governance import domains
from tests.factories import systems
from tests.factories.times import NOON
from tests.people import People

Desk = Callable[[Any], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="session", autouse=True)
def static_root() -> None:
    """The folder that WhiteNoise looks for, empty: tests read static files where they are written."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def desk(db: None) -> Desk:
    """A browser without scripts, logged in as somebody."""

    def log_in(person: Any) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return log_in


@pytest.fixture
def known(people: People) -> People:
    """People, and the systems of the tests."""
    systems.declare()
    return people


def text(response: Any) -> str:
    """The page with whitespace collapsed."""
    return " ".join(response.content.decode().split())


@pytest.fixture
def restricted_tax_id(db: None) -> None:
    """The customer domain released anew, with tax IDs that only leads and their like may see."""
    spec = next(spec for spec in domains.read(settings.DOMAINS_FOLDER) if spec.name == "customer")
    attributes = tuple(replace(item, sensitivity="restricted") if item.name == "tax_id" else item for item in spec.attributes)
    releases.publish(spec=replace(spec, attributes=attributes), actor=permissions.machine(), at=NOON)
