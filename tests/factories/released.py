"""The domains' releases: made once a test database, put back whenever its tables were emptied."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from matching import BadConfig
from mdm import permissions
from mdm.actions.governance import releases
from mdm.engine.releases import model_of
from mdm.errors import BadConfiguration
from mdm.models import DomainRelease, User
from mdm.rules.governance import domains
from mdm.rules.governance.domains import DomainSpec
from tests.factories.times import NOON

_kept: dict[type[Any], list[dict[str, Any]]] = {}


def publish() -> None:
    """Release every declared domain whose match model exists, and remember the rows."""
    machine = permissions.machine()
    for spec in domains.read(settings.DOMAINS_FOLDER):
        if _has_model(spec):
            releases.publish(spec=spec, actor=machine, at=NOON)
    _kept[User] = list(User.objects.filter(pk=machine.pk).values())
    _kept[DomainRelease] = list(DomainRelease.objects.values())


def put_back() -> None:
    """After a transactional test has emptied all tables; does nothing before the first `publish`."""
    for model, rows in _kept.items():
        model.objects.bulk_create([model(**row) for row in rows], ignore_conflicts=True)


def _has_model(spec: DomainSpec) -> bool:
    try:
        model_of(spec)
    except (BadConfig, BadConfiguration):
        return False
    return True
