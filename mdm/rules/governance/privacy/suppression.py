"""Keys that must not come back, told by a keyed hash alone."""

from __future__ import annotations

import hashlib
import hmac
import json


def digest(secret: str, *, system: str, object: str, scope: str, native_id: str) -> str:
    """HMAC-SHA-256 of a source key, in hex. Whoever has the table and not the secret cannot try keys against it."""
    said = json.dumps([system, object, scope, native_id], ensure_ascii=True, separators=(",", ":"))
    return hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()
