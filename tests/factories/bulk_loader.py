"""A bulk load in a process of its own, to be killed with -9; run as a module with a file of pickled records."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path

import django


def main(file: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mdm.settings")
    django.setup()
    from mdm import permissions
    from mdm.actions.intake import bulk
    from tests.factories.times import NOON

    bulk.PORTION = 200
    records = pickle.loads(file.read_bytes())
    for _ in bulk.load(incoming=records, domain="customer", actor=permissions.machine(), at=NOON, workers=2):
        pass


if __name__ == "__main__":
    main(Path(sys.argv[1]))
