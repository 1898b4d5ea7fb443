"""Erasure of natural persons: the states of one, and what is kept so that it lasts."""
