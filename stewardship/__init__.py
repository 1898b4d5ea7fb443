"""The desk: screens and the work of people."""
