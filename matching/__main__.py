"""The command line: python -m matching resolve | train | evaluate | explain."""

from __future__ import annotations

import sys

from matching.pipeline.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
