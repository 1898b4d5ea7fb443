"""The smallest valid things, made through the hub's own front doors."""
