"""Releases on their way: what they would do, and how they stand."""
