"""What the desk shows before a person acts on golden records: merge, split, move, pin, take back."""
