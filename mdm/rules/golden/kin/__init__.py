"""What relations between golden records obey."""
