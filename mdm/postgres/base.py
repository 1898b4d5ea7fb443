"""Django's PostgreSQL backend, with the embedded server started on first use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from mdm import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects as usual; when the hub brings its own server, makes sure first that it runs."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if settings.EMBEDDED_POSTGRES:
            embedded.ensure_running(settings.DATA_FOLDER)
        return super().get_new_connection(conn_params)
