"""Readers about what was: versions of golden and source records."""
