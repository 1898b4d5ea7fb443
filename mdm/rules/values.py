"""What counts as a value, and when two values are the same."""

from __future__ import annotations

import json
from typing import Any


def is_empty(value: Any) -> bool:
    """Nothing was said: null, blank text, an empty list or table. False and 0 are values."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, list | dict) and not value)


def token(value: Any) -> str:
    """A text that is equal for equal JSON values, whatever the order of their keys."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
