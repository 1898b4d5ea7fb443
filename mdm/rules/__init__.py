"""Pure rules of the domain: tables and functions without Django, clock or database."""
