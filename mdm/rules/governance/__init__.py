"""Rules about who may do what, and what a domain declares."""
