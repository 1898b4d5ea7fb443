"""Tables about what they become."""
