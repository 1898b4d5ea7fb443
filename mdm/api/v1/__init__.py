"""REST version 1; a released version only grows."""
