"""Celery tasks about how records come in."""
