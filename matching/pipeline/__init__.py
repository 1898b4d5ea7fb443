"""Whole runs.

`steps` on columns, `resolve` and `train` for whole populations, `tables` for files, `commands` for the command line.
"""
