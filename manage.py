#!/usr/bin/env python
"""The hub's command line."""

from __future__ import annotations

import os
import sys

from mdm.errors import HubError


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mdm.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except HubError as error:
        print(f"error: {error.message}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
