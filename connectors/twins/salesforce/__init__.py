"""Salesforce as a connector meets it: `gunicorn connectors.twins.salesforce:app`."""

from __future__ import annotations

import os
from typing import Any


def __getattr__(name: str) -> Any:
    # Built when the server asks for it, so that importing the package (for its schema, say) needs no settings.
    if name == "app":
        from connectors.twins.salesforce.application import build

        return build(os.environ)
    raise AttributeError(name)
