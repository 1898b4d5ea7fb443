"""NetSuite as a connector meets it: `gunicorn connectors.twins.netsuite:app`.

What stands in no public document was chosen and is marked where it is done: the columns of `deletedrecord`, the shape of
the results of a batch, and the code of a 429.
"""

from __future__ import annotations

import os
from typing import Any


def __getattr__(name: str) -> Any:
    # Built when the server asks for it, so that importing the package (for its schema, say) needs no settings.
    if name == "app":
        from connectors.twins.netsuite.application import build

        return build(os.environ)
    raise AttributeError(name)
