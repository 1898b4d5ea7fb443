"""The command line: python -m matching resolve | train | evaluate | explain."""

from __future__ import annotations

import os
import sys
from importlib.abc import MetaPathFinder
from typing import Any

from matching.pipeline.commands import main


class WithoutPandas(MetaPathFinder):
    """Arrow looks for pandas as soon as it makes an array, and importing it takes 0.1 s; no command uses it."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not used here")


if __name__ == "__main__":
    sys.meta_path.insert(0, WithoutPandas())
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Giving back millions of values one by one takes a second in twenty, and the whole process is about to be given back.
    os._exit(code)
