"""Screens: each function calls one action or one reader and renders."""
