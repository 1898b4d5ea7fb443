"""Questions about what they become."""
