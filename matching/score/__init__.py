"""Weighing.

`fellegi_sunter` scores pairs, `training` and `labelled` learn weights, `frequencies` learns how common values are.
"""
