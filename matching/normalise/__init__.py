"""Standardising: one module a kind of value, `kinds` to find them by name, `clean` for the canonical forms of golden records."""
