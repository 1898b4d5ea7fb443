"""Questions about how records come in."""
