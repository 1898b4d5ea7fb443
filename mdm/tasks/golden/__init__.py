"""Celery tasks about what they become."""
