"""Whole runs: `stages` are the steps on columns, `tables` reads and writes files, `commands` is the command line."""
