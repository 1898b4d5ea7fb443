"""Rules about how records come in: mapping, limits, validation, staleness."""
