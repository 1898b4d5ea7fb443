"""Releases: proposed, planned, decided by a second person, carried out while the hub goes on working."""
