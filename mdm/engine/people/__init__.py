"""What people say of golden records: which records belong together, and which values hold."""
