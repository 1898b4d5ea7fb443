"""The smallest valid domain, for tests that state only what matters to them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from mdm.rules.governance.domains import DomainSpec

SMALLEST: dict[str, Any] = {
    "name": "thing",
    "title": "Thing",
    "title_plural": "Things",
    "prefix": "THI",
    "label": "name",
    "attributes": [{"name": "name", "title": "Name", "kind": "text"}],
    "match": {"model": "customer", "attributes": {"name": "name"}},
}


@pytest.fixture
def raw() -> Callable[..., dict[str, Any]]:
    """The smallest valid declaration as plain data, with parts replaced."""
    return lambda **parts: deepcopy(SMALLEST) | parts


@pytest.fixture
def declare(raw: Callable[..., dict[str, Any]]) -> Callable[..., DomainSpec]:
    """The same as a DomainSpec; `attributes` may be given as names or as rows."""

    def build(*attributes: str | dict[str, Any], **parts: Any) -> DomainSpec:
        rows = [{"title": name.title(), "kind": "text", "name": name} for name in attributes if isinstance(name, str)]
        rows += [{"title": row["name"].title(), "kind": "text", **row} for row in attributes if isinstance(row, dict)]
        first = {"attributes": rows, "label": rows[0]["name"], "match": {"model": "m", "attributes": {}}} if rows else {}
        return DomainSpec.from_dict(raw(**first, **parts))

    return build
