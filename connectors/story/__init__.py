"""The sample firm's story: everything the hub does, on real input, measured against a known truth."""
