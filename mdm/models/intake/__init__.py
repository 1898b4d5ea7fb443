"""Tables about how records come in."""
