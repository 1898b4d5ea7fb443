"""A database backend that starts the embedded PostgreSQL the first time somebody connects."""
