"""Comparing: a comparator is one function over columns; `catalogue` lists them all."""
