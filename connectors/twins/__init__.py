"""Simulators of vendors' systems. They are servers of their own, hold their own data, and know nothing of the hub."""
