"""The values that people pinned on a golden record, and those that came to it by a merge."""

from __future__ import annotations

from mdm.errors import NotFound
from mdm.models import Golden, Override, User
from mdm.readers.governance.sight import Sight


def standing(golden: Golden) -> list[Override]:
    """What acts on a live golden record now, by attribute, its own before what came with a merge; one query."""
    rows = Override.objects.filter(carrier=golden, ended_at=None).select_related("golden", "made_by")
    return sorted(rows, key=lambda row: (row.attribute, row.golden_id != golden.pk, -row.pk))


def one(override_id: int, *, viewer: User) -> Override:
    """One pinned value.

    Raises:
        NotFound: there is none, or it lies outside the viewer's confines.
    """
    seen = Sight(viewer).goldens()
    row = Override.objects.filter(pk=override_id, carrier__in=seen).select_related("golden", "carrier", "made_by").first()
    if row is None:
        raise NotFound(f"There is no override {override_id}.")
    return row
