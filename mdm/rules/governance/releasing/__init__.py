"""Releases of domains: what a change touches, how much it may, and the states of a proposal."""
