"""The only writers about how records come in."""
