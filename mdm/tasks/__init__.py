"""Celery tasks: address labels for actions."""
