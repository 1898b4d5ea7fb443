"""A worker of the hub in a process of its own, to be killed with -9; run as a script with the folder of the target's rows.

The target is a folder: a row is `<id>.json`, and every accepted write is a line in `<id>.written`, each made in one step, as a
system outside commits it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import django


def main(folder: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mdm.settings")
    django.setup()
    from connectors import deliver
    from mdm.ports import Written
    from tests.fakes import FakeSystem

    class Folder(FakeSystem):
        def current(self, object, native_ids):
            self.rows[object] = {name: json.loads((folder / f"{name}.json").read_text()) for name in native_ids}
            self.stamps |= {(object, name): None for name in native_ids}
            return super().current(object, native_ids)

        def write(self, object, changes):
            return [self._keep(change) for change in changes]

        def _keep(self, change):
            row, fresh = folder / f"{change.native_id}.json", folder / f"{change.native_id}.fresh"
            fresh.write_text(json.dumps({**json.loads(row.read_text()), **change.fields}))
            with (folder / f"{change.native_id}.written").open("a") as written:
                written.write(change.idempotency_key + "\n")
                written.flush()
                fresh.replace(row)
            time.sleep(0.002)
            return Written(change.native_id)

    Folder("journal", batch_size=10).report()
    while deliver.work("journal"):
        pass


if __name__ == "__main__":
    main(Path(sys.argv[1]))
