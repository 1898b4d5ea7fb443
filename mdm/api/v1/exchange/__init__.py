"""REST version 1: exchange."""
