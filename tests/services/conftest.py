"""Only where `make test-services` names a PostgreSQL and a broker of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.hubs import data_folder

NAMED = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "CELERY_BROKER_URL")}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is marked, and left out where no services are named."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.services)
            if not all(NAMED.values()):
                item.add_marker(pytest.mark.skip(reason="make test-services names the services"))


@pytest.fixture
def fresh_database() -> Iterator[str]:
    """The address of a new, empty database beside that of the tests."""
    known = conninfo_to_dict(NAMED["DATABASE_URL"])
    name = f"{known['dbname']}_story"
    with psycopg.connect(NAMED["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        try:
            yield make_conninfo(**{**known, "dbname": name})
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder of its own."""
    with data_folder() as folder:
        yield folder
