"""Standardising: one module a kind of value, `kinds` to find them by name, `cleaning` for canonical forms of golden records."""
