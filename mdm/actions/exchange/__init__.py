"""The only writers about what goes out, and the work queue."""
