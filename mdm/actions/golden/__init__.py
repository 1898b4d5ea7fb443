"""The only writers about what they become."""
