"""`python -m connectors.twins.sample FOLDER`: writes the sample firm's files, and its records as one table a domain."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from connectors.twins.sample import generate, write_files, write_tables


def main() -> int:
    """Write `FOLDER/files` and `FOLDER/tables`, and print how many records each object has."""
    parser = argparse.ArgumentParser(prog="python -m connectors.twins.sample")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    firm = generate(options.seed, options.scale)
    paths = [*write_files(firm, options.folder / "files"), *write_tables(firm, options.folder / "tables")]
    counts = {f"{system}/{name}": len(rows) for (system, name), rows in firm.rows.items()}
    sys.stdout.write(json.dumps({"records": counts, "files": [str(path) for path in paths]}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
