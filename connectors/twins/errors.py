"""What a twin refuses, in neutral words; each twin turns them into its vendor's codes."""

from __future__ import annotations

from collections.abc import Sequence


class Refused(Exception):
    """The request or one row of it is refused.

    `code` is one of: bad_json, bad_login, bad_request, bad_method, no_route, not_found, deleted, ambiguous, unknown_object,
    unknown_field, read_only, required, too_long, bad_choice, bad_value, bad_reference, duplicate, bad_query, bad_locator,
    stale, locked, rejected, too_many, over_limit, forbidden.
    """

    def __init__(self, code: str, message: str, *, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = tuple(fields)
