"""Fixtures of the tests that need PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import systems


@pytest.fixture
def firm(db: None) -> None:
    """The five systems of a firm, known to the hub."""
    systems.declare()


@pytest.fixture
def api(people: Any) -> Callable[..., Any]:
    """`api(people.ada)`: a caller of the REST interface with that person's token."""
    from tests.factories.callers import Caller

    return Caller
