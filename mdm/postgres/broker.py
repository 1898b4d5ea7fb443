"""The default message broker's tables (PGMQ), kept in the hub's own PostgreSQL."""

from __future__ import annotations

from typing import LiteralString

import psycopg
from django.conf import settings
from pgmq.install import PGMQInstallError, install_pgmq_from_sql

from mdm import embedded
from mdm.errors import BadConfiguration

INSTALLING = 0x706D_6771  # the advisory lock of whoever installs ("pgmq")

# The client of pgmq 1.1 calls it for every worker heartbeat, its SQL brings the form with a delay only.
MISSING = """
CREATE OR REPLACE FUNCTION pgmq.send_topic(routing_key text, msg jsonb, headers jsonb) RETURNS integer
LANGUAGE sql AS 'SELECT pgmq.send_topic(routing_key, msg, headers, 0)'
"""


def prepare() -> None:
    """Install PGMQ's schema unless it is there; nothing to do for another broker. Several callers at once are fine.

    Raises:
        BadConfiguration: the database user may not create a schema, or the database does not answer.
    """
    if not settings.EMBEDDED_BROKER:
        return
    if settings.EMBEDDED_POSTGRES:
        embedded.ensure_running(settings.DATA_FOLDER)
    try:
        with psycopg.connect(settings.BROKER_CONNINFO, connect_timeout=10) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [INSTALLING])
            if not _has(connection, "to_regclass('pgmq.meta')"):
                install_pgmq_from_sql(conn=connection)
            if not _has(connection, "to_regprocedure('pgmq.send_topic(text, jsonb, jsonb)')"):
                connection.execute(MISSING)
    except (psycopg.Error, PGMQInstallError) as error:
        raise BadConfiguration(
            f"The default broker could not be set up in PostgreSQL ({str(error).strip()}); mend that, or set CELERY_BROKER_URL."
        ) from error


def _has(connection: psycopg.Connection, thing: LiteralString) -> bool:
    return connection.execute(f"SELECT {thing} IS NOT NULL").fetchone() == (True,)
