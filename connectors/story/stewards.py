"""What people do in the story: one mends a wrong merge, another asks what a record was on a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from connectors.story.stage import Stage
from connectors.twins.sample.firm import EPOCH, Key
from mdm import permissions
from mdm.actions.golden import regrouping
from mdm.actions.governance import access
from mdm.engine.people.acts import Wanted
from mdm.errors import Conflict, NotFound
from mdm.readers.golden import crosswalk, goldens, ids, partition
from mdm.readers.golden.history import then
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.governance.roles import Role

Told = dict[str, Any]
A_YEAR_BEFORE = EPOCH - timedelta(days=365)
"""A day on which some of a customer's records were not yet there."""


def split(stage: Stage) -> Told:
    """A person parts what matching put together wrongly; the ID that was split answers each system by its own key."""
    if not stage.memory.is_first_run:
        return {"split": {"answers": []}}
    for domain in stage.firm.domains:
        for parts in _joined_wrongly(stage, domain):
            answers = _parted(parts)
            if answers:
                return {"split": {"domain": domain, "answers": answers}}
    return {"split": {"answers": []}}


def _joined_wrongly(stage: Stage, domain: str) -> Iterator[list[list[Key]]]:
    """The records of each golden record that holds several real things, thing by thing, the largest first."""
    homes: dict[int, dict[str, list[Key]]] = defaultdict(lambda: defaultdict(list))
    for key, home in partition.homes(domain).items():
        if key in stage.firm.truth:
            homes[home][stage.firm.truth[key][1]].append(key)
    for home in sorted(homes):
        if len(homes[home]) > 1:
            yield sorted((sorted(keys) for keys in homes[home].values()), key=lambda keys: (-len(keys), keys))


def _parted(parts: list[list[Key]]) -> list[dict[str, str]]:
    """Split off all but the largest part. Gives the ID that was split and, for a key of each part, the ID that it leads to."""
    now = timezone.now()
    actor = access.put_user(name="admin", role=Role.ADMIN, actor=permissions.machine(), at=now)
    held = crosswalk.by_source_key(parts[0][0], viewer=actor).enterprise_id
    golden = goldens.by_enterprise_id(held, viewer=actor).golden
    names = tuple(tuple("/".join(key) for key in keys) for keys in parts[1:])
    wanted = Wanted(ChangeKind.SPLIT, (held,), {held: golden.version}, parts=names)
    try:
        regrouping.repartition(wanted=wanted, actor=actor, at=now, reason="two things in one record")
    except Conflict:
        return []  # other evidence holds them together; the next one will do
    found = []
    for system, object_name, scope, native_id in (keys[0] for keys in parts):
        key = (system, object_name, scope, native_id)
        branch = ids.life(held, viewer=actor, key=key).branch or held
        found.append({"asked": held, "key": f"{system}/{object_name}/{native_id}", "answer": branch})
    return found


def looked_back(stage: Stage) -> Told:
    """Somebody asks what a customer was a year before: what its records had said by then, under the same rules."""
    viewer = access.put_user(name="viewer", role=Role.VIEWER, actor=permissions.machine(), at=timezone.now())
    counted = Counter(partition.homes("customer").values())
    for golden in goldens.page(domain="customer", viewer=viewer, limit=200):
        if counted[golden.pk] < 2:
            continue
        try:
            was = then.find(golden.enterprise_id, viewer=viewer, now=timezone.now(), as_of=A_YEAR_BEFORE)
        except NotFound:
            continue  # nobody had spoken of it by that day
        if len(was.rows) < counted[golden.pk] and was.values.get("name") != golden.values.get("name"):
            return {
                "as_of": {
                    "day": A_YEAR_BEFORE.date().isoformat(),
                    "enterprise_id": golden.enterprise_id,
                    "name": was.values["name"],
                    "records": len(was.rows),
                    "name_now": golden.values["name"],
                    "records_now": counted[golden.pk],
                }
            }
    return {"as_of": None}
