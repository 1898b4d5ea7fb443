"""REST version 1: governance."""
