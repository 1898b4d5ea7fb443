"""Why.

`pair` says how two records weigh, `why_not` why they were never compared, `flips` what would change the answer, `growth` how a
cluster came about.
"""
