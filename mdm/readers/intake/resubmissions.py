"""Bulk resubmissions: how many records one would send in, and how far one is."""

from __future__ import annotations

from mdm.errors import NotFound
from mdm.models import Resubmission, User
from mdm.readers.governance.sight import Sight
from mdm.readers.intake import quarantine


def count(*, viewer: User, code: str = "", system: str = "", domain: str = "") -> int:
    """How many records wait under these limits, within the viewer's confines; one query."""
    return quarantine.filtered(quarantine.waiting(sight=Sight(viewer)), code=code, system=system, domain=domain).count()


def one(run_id: int, *, viewer: User) -> Resubmission:
    """One run.

    Raises:
        NotFound: there is none, or it is of a domain outside the viewer's, or of somebody whose confines are not the viewer's.
    """
    run = Resubmission.objects.filter(pk=run_id).select_related("started_by").first()
    if run is None or not _is_seen(run, viewer):
        raise NotFound(f"There is no resubmission {run_id}.")
    return run


def _is_seen(run: Resubmission, viewer: User) -> bool:
    """Its counts are of what the starter may see: one's own, or anything for somebody who is not confined."""
    return run.started_by_id == viewer.pk or not (viewer.domains or viewer.regions)
