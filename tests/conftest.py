"""What every test stands on: one database a worker with the domains released, no network, no broker outside."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db.models.signals import post_migrate
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_socket import socket_allow_hosts

# Started in the background, a shell leaves us deaf to Ctrl-C, and our children inherit that; tests send such signals.
for _number, _handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


# A busy machine is slow, and that is no failure.
hypothesis_settings.register_profile("hub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("hub")

LOOPBACK = ["127.0.0.1", "::1", "localhost"]


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # else the middleware that serves it warns
    if settings.EMBEDDED_BROKER:
        from mdm.celery import app  # needs settings

        app.conf.update(broker_url="memory://", broker_transport_options={})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Locks, feed, jobs and kills are tested on the hub's own PostgreSQL, and by `make test-services` on another one too."""
    if not settings.EMBEDDED_POSTGRES:
        for item in items:
            if "on_services_too" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.services)


@pytest.fixture
def on_services_too() -> None:
    """Asked for by tests that `make test-services` repeats."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    if "enable_socket" not in item.keywords:
        socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database with every domain released; a transactional test empties it, and they are put back."""
    from tests.factories import released  # needs the applications

    def put_back(sender: Any, **_later: object) -> None:
        if sender.name == "mdm":
            released.put_back()

    with django_db_blocker.unblock():
        released.publish()
    post_migrate.connect(put_back, weak=False, dispatch_uid="tests.released")
    yield
    post_migrate.disconnect(dispatch_uid="tests.released")


@pytest.fixture
def people(db: None) -> Any:
    """Ada, Ben, Cy and the others."""
    from tests import people as made  # needs the applications

    return made.make()
