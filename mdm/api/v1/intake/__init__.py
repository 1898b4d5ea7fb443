"""REST version 1: intake."""
