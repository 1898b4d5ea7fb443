"""Tables about what goes out, and the work queue."""
