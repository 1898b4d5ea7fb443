"""Canonical values for golden records: `values` has the one door and the kinds, `identifiers` the numbers with check digits."""
