"""Questions about who may, what was released, who did what."""
