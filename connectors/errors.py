"""What a connector says when a system refuses: whether to try again, when, and the system's own code.

ConnectorError      everything; `error_class` is one of ErrorClass, shown to people in the same words
"""

from __future__ import annotations

from enum import StrEnum


class ErrorClass(StrEnum):
    """What an answer of a system means for the caller; one policy each, in connectors.http."""

    RETRY = "retry"
    THROTTLE = "throttle"
    QUOTA_EXHAUSTED = "quota_exhausted"
    AUTH = "auth"
    CONFLICT = "conflict"
    NOT_FOUND = "not_found"
    PERMANENT = "permanent"


_LASTING = frozenset({ErrorClass.AUTH, ErrorClass.CONFLICT, ErrorClass.NOT_FOUND, ErrorClass.PERMANENT})


class ConnectorError(Exception):
    """A system refused.

    `permanent`: trying again without a change is useless. `retry_after_seconds`: its own wish, None without one.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        code: str = "",
        retry_after_seconds: float | None = None,
        error_class: ErrorClass | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.code = code
        self.retry_after_seconds = retry_after_seconds
        self.error_class = error_class or (ErrorClass.PERMANENT if permanent else ErrorClass.RETRY)


def of_class(error_class: ErrorClass, message: str, *, code: str, retry_after_seconds: float | None = None) -> ConnectorError:
    """The error of a class; whether it is permanent follows from the class."""
    return ConnectorError(
        message,
        permanent=error_class in _LASTING,
        code=code,
        retry_after_seconds=retry_after_seconds,
        error_class=error_class,
    )
