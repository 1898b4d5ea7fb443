"""The yardstick: a bare DRF retrieve view on one indexed table, in the same PostgreSQL, without authentication."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.bare_settings"  # whatever the caller runs with

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
