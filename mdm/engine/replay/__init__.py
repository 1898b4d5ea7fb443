"""A domain in columns under a release that does not count yet: what would become of everything that is stored."""
