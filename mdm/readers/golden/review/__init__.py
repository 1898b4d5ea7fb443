"""Readers about pairs that ask whether they are the same."""
