"""Enterprise IDs given out before there is a record, and the names that other hubs gave."""
