"""What stands, made again from what it was made of, and compared byte by byte; each answer names the first difference."""
