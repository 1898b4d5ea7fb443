"""A parent that a person pins: checked under a lock, so that nobody makes a circle, not even two at once."""

from __future__ import annotations

from typing import Any

from mdm.actions import locks
from mdm.engine.releases import Release
from mdm.errors import BadInput, Conflict, NotFound
from mdm.models import Golden, User
from mdm.readers.golden.kin.steps_now import Now
from mdm.readers.governance.sight import Sight
from mdm.rules.golden import enterprise_id as ids
from mdm.rules.governance.domains import Relation
from mdm.rules.values import is_empty


def aim(release: Release, golden: Golden, name: str, value: Any, *, actor: User) -> dict[str, str] | None:
    """What is pinned for the hierarchy `name`: the enterprise ID `value` as an aim, None for no parent.

    Holds the hierarchy until the transaction ends; nobody who holds it waits for anything else.

    Raises:
        NotFound: the relation is no hierarchy, or the parent is not known to the actor.
        BadInput: the value is no enterprise ID of this domain, or the parent stands below the golden record already.
        Conflict: the parent is not live.
    """
    relation = release.spec.relation(name)
    if not relation.is_hierarchy:
        raise NotFound(
            f"{relation.title} is no parent of a {release.spec.title.lower()}; of relations only parents can be pinned."
        )
    if is_empty(value):
        return None
    if not isinstance(value, str):
        raise BadInput(f"{name} must be the enterprise ID of the parent, or null for none.")
    locks.lock_keys([locks.number_of("hierarchy", release.domain, name)])
    parent = _parent(release, relation, ids.parse(value), actor)
    _check_no_circle(Now(release.domain, relation, Sight(actor)), golden, parent)
    return {"enterprise_id": parent.enterprise_id}


def _parent(release: Release, relation: Relation, enterprise_id: str, actor: User) -> Golden:
    found = Sight(actor).goldens().filter(enterprise_id=enterprise_id).first()
    if found is None:
        raise NotFound(f"Enterprise ID {enterprise_id} is not known.")
    if found.domain != release.domain:
        wanted = release.spec.title.lower()
        raise BadInput(f"{relation.title} must be a {wanted}; {enterprise_id} is none. Name the enterprise ID of a {wanted}.")
    if found.status != "LIVE":
        after = f"; after it came {', '.join(found.successors)}" if found.successors else ""
        raise Conflict(f"{enterprise_id} has ended{after}.")
    return found


def _check_no_circle(standing: Now, golden: Golden, parent: Golden) -> None:
    title = standing.relation.title
    if parent.pk == golden.pk:
        raise BadInput(f"{title}: {golden.enterprise_id} cannot be its own parent. Name another one.")
    if any(step.parent == golden.pk for step in standing.above([parent.pk])):
        names = f"{golden.enterprise_id} stands above {parent.enterprise_id} already"
        raise BadInput(f"{title}: {names}, the two would be each other's ancestors. Name another one, or move that first.")
