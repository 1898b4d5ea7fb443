"""Screens on which a person acts on golden records."""
