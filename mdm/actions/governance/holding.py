"""Holds what comes back of an erased person: neither taken in nor kept, only counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mdm.engine.preparing import Prepared
from mdm.errors import Problem
from mdm.readers.governance import suppressions

CODE = "erased_key"


def hold(items: Sequence[Prepared]) -> None:
    """Give the records of erased persons their problem, and take their content off them. One query, none for no records.

    What stays is enough to count it: system, object, and the keyed hash in place of the ID.
    """
    coming = [item for item in items if not item.incoming.is_deleted]
    found = suppressions.among({_place(item) for item in coming})
    for item in coming:
        if held := found.get(_place(item)):
            _withhold(item, *held)


def _place(item: Prepared) -> suppressions.Place:
    said = item.incoming
    return (said.system, said.object, said.scope, said.native_id)


def _withhold(item: Prepared, digest: str, erasure: int) -> None:
    item.incoming = replace(
        item.incoming,
        native_id=f"erased-{digest[:24]}",
        payload={},
        scope="",
        updated_at=None,
        sequence=None,
        problems=(),
        enterprise_id="",
    )
    item.mapped, item.attributes, item.relations, item.standardised, item.keys = {}, {}, {}, {}, []
    item.problems = [
        Problem(
            code=CODE,
            field="native_id",
            message=f"Its person was erased (certificate ERA-{erasure:06d}); nothing of the record is kept.",
            remedy="Erase it in the source too; or, when the person is a customer again, lift the suppression and send it anew.",
        )
    ]
