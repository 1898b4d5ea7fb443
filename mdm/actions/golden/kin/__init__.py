"""Actions about what golden records have to do with each other."""
