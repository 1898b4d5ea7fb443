"""The inner parts of survivorship: what records say of a rule, in columns, and why a value was chosen."""
