"""Runs the tests marked `services` against a PostgreSQL and a broker that run already; its arguments go to pytest.

DATABASE_URL and CELERY_BROKER_URL name them (by default PostgreSQL on 127.0.0.1:5432 and RabbitMQ on 127.0.0.1:5672).
The tests get a database of their own, which is dropped at the end, however they end, and the data folder of all tests.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
from kombu import Connection
from kombu.exceptions import KombuError
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what was made is taken away again
    server = os.environ.get("DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/postgres"
    broker = os.environ.get("CELERY_BROKER_URL") or "amqp://guest:guest@127.0.0.1:5672//"
    try:
        admin = psycopg.connect(server, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        return refuse(f"PostgreSQL does not answer ({str(error).strip().splitlines()[0]}); start it or set DATABASE_URL.")
    with Connection(broker) as link:
        try:
            link.ensure_connection(max_retries=1, interval_start=0.2, timeout=5)
        except (KombuError, OSError) as error:
            return refuse(f"The broker {link.as_uri()} does not answer ({error}); start it or set CELERY_BROKER_URL.")
    name = f"concord_services_{secrets.token_hex(4)}"
    with admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        try:
            say(f"{link.as_uri()} and database {name} on PostgreSQL {admin.info.server_version // 10_000}")
            ours = {
                "DATABASE_URL": make_conninfo(**{**conninfo_to_dict(server), "dbname": name}),
                "CELERY_BROKER_URL": broker,
                "CONCORD_DATA": str(Path(__file__).resolve().parents[1] / ".data" / "test"),
            }
            return run([sys.executable, "-m", "pytest", "-m", "services", *sys.argv[1:]], {**os.environ, **ours})
        finally:
            drop(admin, name)


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run the tests; when we are stopped, they get the time to stop what they started."""
    tests = subprocess.Popen(command, env=environment)
    try:
        return tests.wait()
    except KeyboardInterrupt:
        tests.send_signal(signal.SIGINT)
        tests.wait(timeout=60)
        raise


def drop(admin: psycopg.Connection, name: str) -> None:
    """Drop the database and those that pytest and the tests made beside it."""
    query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) OR starts_with(datname, %s)"
    for (found,) in admin.execute(query, [name, f"test_{name}"]).fetchall():
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(found)))


def refuse(sentence: str) -> int:
    say(sentence)
    return 1


def say(sentence: str) -> None:
    sys.stderr.write(f"services: {sentence}\n")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
