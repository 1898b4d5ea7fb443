"""Which source keys belong to a person whose data was erased."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings

from mdm.models import Suppression
from mdm.rules.governance.privacy.suppression import digest

Place = tuple[str, str, str, str]
"""(system, object, scope, native id)"""


def digest_of(place: Place) -> str:
    """The keyed hash under which a key is kept now."""
    return _digests(place)[0]


def among(places: Collection[Place]) -> dict[Place, tuple[str, int]]:
    """Those of `places` that must not come back, each with its hash and the erasure's ID; one query by index, none for none."""
    asked = {name: place for place in places for name in _digests(place)}
    if not asked:
        return {}
    rows = Suppression.objects.filter(digest__any=asked, lifted_at=None).values_list("digest", "erasure_id")
    return {asked[name]: (name, erasure) for name, erasure in rows}


def _digests(place: Place) -> list[str]:
    """Under the present secret first, then under those that it replaced."""
    system, object, scope, native_id = place
    return [
        digest(secret, system=system, object=object, scope=scope, native_id=native_id) for secret in settings.SUPPRESSION_SECRETS
    ]
