"""The default message broker's tables (PGMQ), kept in the hub's own PostgreSQL."""

from __future__ import annotations

import psycopg
from django.conf import settings
from pgmq.install import PGMQInstallError, install_pgmq_from_sql

from mdm import embedded
from mdm.errors import BadConfiguration

INSTALLING = 0x706D_6771  # the advisory lock of whoever installs ("pgmq")


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
            row = connection.execute("SELECT to_regclass('pgmq.meta')").fetchone()
            if row == (None,):
                install_pgmq_from_sql(conn=connection)
    except (psycopg.Error, PGMQInstallError) as error:
        raise BadConfiguration(
            f"The default broker could not be set up in PostgreSQL ({str(error).strip()}); mend that, or set CELERY_BROKER_URL."
        ) from error
