"""REST version 1: golden."""
