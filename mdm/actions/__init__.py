"""The only writers: every write names its actor and its time."""
