"""Questions: they return rows ready to show and never write."""
