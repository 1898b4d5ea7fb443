"""Recognises our own pushes when they come back, in the pushed row itself and in rows that borrow its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from mdm.models import Delivery, SourceRecord
from mdm.rules.exchange import echo
from mdm.rules.intake.mapping import Mapping as FieldMapping

if TYPE_CHECKING:
    from mdm.engine.preparing import Prepared

Language = Mapping[tuple[str, str], FieldMapping]


def take_out(items: Sequence[Prepared], languages: Language) -> None:
    """Put the record's own last value wherever its row only repeats what we pushed; a record without more is unchanged (P10)."""
    known = [item for item in items if item.is_open and item.before is not None and item.before.is_live]
    _take_out_borrowed(known, languages)
    for item in known:
        before = item.before
        assert before is not None
        delivery = getattr(before, "delivery", None)
        if delivery is not None:
            item.attributes = dict(echo.own_values(item.attributes, delivery.held, delivery.sent, before.attributes))
        if item.attributes == before.attributes and item.relations == before.relations:
            item.status = "unchanged"


def _take_out_borrowed(items: Sequence[Prepared], languages: Language) -> None:
    """A project shows its customer's name: when we renamed the customer there, the project said nothing new."""
    wanted = {key for item in items for _, _, key in _borrowed(item, languages)}
    pushed = _deliveries(wanted)
    for item in items:
        for name, theirs, key in _borrowed(item, languages):
            delivery = pushed.get(key)
            if delivery is not None and item.before is not None:
                shown = {theirs: item.attributes.get(name)}
                own = {theirs: item.before.attributes[name]} if name in item.before.attributes else {}
                kept = echo.own_values(shown, delivery.held, delivery.sent, own)
                item.attributes = {**item.attributes, name: kept.get(theirs)}
                if item.attributes[name] is None:
                    del item.attributes[name]


def _borrowed(item: Prepared, languages: Language) -> list[tuple[str, str, str]]:
    """(attribute, the related record's attribute, that record's stable name) for each value the row borrows."""
    language = languages.get((item.incoming.system, item.incoming.object))
    found = []
    for name, relation, theirs in language.borrowed if language else ():
        aim: Mapping[str, Any] = item.relations.get(relation) or {}
        if name in item.attributes and "native_id" in aim:
            found.append((name, theirs, f"{aim['system']}/{aim['object']}/{aim.get('scope', '')}/{aim['native_id']}"))
    return found


def _deliveries(names: set[str]) -> dict[str, Delivery]:
    """The last push to each of these records; one query by their keys."""
    places = Q()
    for name in names:
        system, object, scope, native_id = name.split("/", 3)
        places |= Q(source__system=system, source__object=object, scope=scope, native_id=native_id)
    rows = SourceRecord.objects.filter(places).select_related("delivery") if names else []
    return {row.key: row.delivery for row in rows if hasattr(row, "delivery")}
