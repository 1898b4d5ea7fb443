"""Clustering.

`components` finds what hangs together, `agglomerate` decides inside each component, `guards` says what forbids a union.
"""
