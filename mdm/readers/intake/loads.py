"""Loads: what came in, from where, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from mdm.errors import NotFound
from mdm.models import Load, User
from mdm.readers.governance.sight import Sight

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the ID after which the following page begins, 0 on the last one."""

    rows: tuple[Load, ...]
    next: int


def page(*, viewer: User, status: str = "", before: int = 0) -> Page:
    """Loads, newest first; one query."""
    rows = _seen(viewer)
    rows = rows.filter(status=status) if status else rows
    listed = list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[: PAGE + 1])
    return Page(tuple(listed[:PAGE]), listed[PAGE - 1].pk if len(listed) > PAGE else 0)


def one(load_id: int, *, viewer: User) -> Load:
    """One load.

    Raises:
        NotFound: there is none, or it lies outside the viewer's domains.
    """
    load = _seen(viewer).filter(pk=load_id).first()
    if load is None:
        raise NotFound(f"There is no load {load_id}.")
    return load


def _seen(viewer: User) -> QuerySet[Load]:
    return Load.objects.filter(Sight(viewer).in_domains("source__domain")).select_related("source__system", "started_by")
