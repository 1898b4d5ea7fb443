"""The only writers about who may, what was released, who did what."""
