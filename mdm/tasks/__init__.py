"""Celery tasks: address labels for actions."""

from mdm.tasks.work import tick, work

__all__ = ["tick", "work"]
