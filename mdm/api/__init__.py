"""The REST interface: translates requests to one action or reader each."""
