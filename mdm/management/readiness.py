"""What must hold before the hub's processes start, each refused in one sentence: database, broker, migrations, ports."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Mapping

from celery import Celery
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.utils import OperationalError
from django.utils import timezone
from kombu.exceptions import OperationalError as KombuError

from mdm import permissions, supervisor
from mdm.actions.exchange import schedules
from mdm.errors import BadConfiguration
from mdm.postgres import broker

MIGRATING = 0x6D_6772  # the advisory lock of whoever migrates ("mgr"); other hosts wait for it
OLDEST_POSTGRES = 150_000


def check_database() -> None:
    """Connect once and look at version and encoding.

    Raises:
        BadConfiguration: DATABASE_URL leads nowhere, or to a database that cannot hold the hub.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
            version, encoding = cursor.fetchone()
    except OperationalError as error:
        why = str(error).strip().splitlines()[0].rstrip(".")
        raise BadConfiguration(
            f"DATABASE_URL does not lead to a usable PostgreSQL: {why}. Mend it, or unset it to use the one of the hub."
        ) from error
    if version < OLDEST_POSTGRES or encoding != "UTF8":
        raise BadConfiguration(
            f"DATABASE_URL leads to PostgreSQL {version // 10_000} with encoding {encoding}; the hub needs 15 or later with UTF8."
        )


def check_broker() -> None:
    """Set up the default broker, or see that the one in CELERY_BROKER_URL answers.

    Raises:
        BadConfiguration: it does not.
    """
    broker.prepare()
    with Celery(broker=settings.CELERY_BROKER_URL, set_as_current=False).connection_for_write() as link:
        link.transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        try:
            link.ensure_connection(max_retries=1, interval_start=0.2, timeout=10)
        except KombuError as error:
            raise BadConfiguration(f"CELERY_BROKER_URL={link.as_uri()} does not answer: {error}.") from error


def migrate() -> None:
    """Bring the tables up to date; of several hosts that start at once, one does it and the others wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def schedule() -> int:
    """Put the hub's own work on its schedule; returns how many schedules there are."""
    return schedules.put_standing(actor=permissions.machine(), at=timezone.now())


def collect_static() -> None:
    """Copy and compress the static files; only changed ones cost time."""
    call_command("collectstatic", interactive=False, verbosity=0)


def check_ports(*more: int) -> None:
    """See that the web port is free, and those of the twins.

    Raises:
        BadConfiguration: one is taken; says which and what to do.
    """
    supervisor.check_port(settings.BIND, settings.PORT, "stop what listens there or set CONCORD_PORT to another one.")
    for port in more:
        remedy = f"the twins use the two ports after CONCORD_PORT={settings.PORT}; set that to another one."
        supervisor.check_port("127.0.0.1", port, remedy)


def web_answers() -> bool:
    """Does /healthz answer, whatever it says about the hub's health?"""
    host = "127.0.0.1" if settings.BIND in ("0.0.0.0", "::") else settings.BIND
    return answers(host, settings.PORT, "/healthz", settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost")


def answers(host: str, port: int, path: str, name: str = "localhost") -> bool:
    """Does a web server answer there with less than 500?"""
    link = http.client.HTTPConnection(host, port, timeout=5)
    try:
        link.request("GET", path, headers={"Host": name.lstrip("*.") or "localhost"})
        return link.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def await_answers(tree: supervisor.Tree, probes: Mapping[str, Callable[[], bool]], seconds: float = 60) -> None:
    """Wait until each child with a probe answers.

    Raises:
        BadConfiguration: one died three times, or the time passed.
    """
    for name, probe in probes.items():
        if not supervisor.wait_until(probe, seconds, lambda name=name: tree.deaths(name) >= 3):  # type: ignore[misc]
            raise BadConfiguration(f"The process {name!r} does not answer; its lines in the log above say why.")
