"""Everything the hub refuses, each with the code and the HTTP status that callers see.

HubError
├── BadInput            400  bad_input            the request itself is wrong
│   └── BadCheckCharacter 400 bad_check_character an enterprise ID was mistyped
├── NotAllowed          403  not_allowed          this person or system may not do that
├── NotFound            404  not_found            no such thing
├── Erased              410  erased               it was a person whose data was erased
├── Conflict            409  conflict             the world moved, or a rule of the house forbids it
│   ├── StaleVersion    409  stale_version        someone changed it while the page was open
│   ├── IllegalTransition 409 illegal_transition  the state does not allow this move
│   └── IdempotencyClash 422 idempotency_clash    the key was used for another request
├── TooLarge            413  too_large            more than one request may carry
├── WorkerLost          500  worker_lost          a process that shared the work was killed
└── BadConfiguration    500  bad_configuration    settings, domains or manifests are wrong; says all problems
"""

from __future__ import annotations

from collections.abc import Sequence


class HubError(Exception):
    """Something the hub refuses; the message is one sentence a steward can act on."""

    code = "hub_error"
    status = 500

    def __init__(self, message: str, *, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)


class Problem(dict[str, str]):
    """One thing wrong with an input: `code`, `field`, `value`, `message` and `remedy`, all text, ready for JSON."""

    def __init__(self, *, code: str, message: str, field: str = "", value: str = "", remedy: str = "") -> None:
        super().__init__(code=code, field=field, value=value[:200], message=message, remedy=remedy)


class BadInput(HubError):
    """The request is wrong."""

    code, status = "bad_input", 400


class BadCheckCharacter(BadInput):
    """The enterprise ID was mistyped."""

    code = "bad_check_character"


class NotAllowed(HubError):
    """You may not do this."""

    code, status = "not_allowed", 403


class NotFound(HubError):
    """There is no such thing."""

    code, status = "not_found", 404


class Erased(HubError):
    """It was a person whose data was erased."""

    code, status = "erased", 410


class Conflict(HubError):
    """The present state does not allow this."""

    code, status = "conflict", 409


class StaleVersion(Conflict):
    """Someone changed this while you were reading it."""

    code = "stale_version"


class IllegalTransition(Conflict):
    """The present state does not allow this move."""

    code = "illegal_transition"


class IdempotencyClash(Conflict):
    """This idempotency key was used for another request."""

    code, status = "idempotency_clash", 422


class TooLarge(HubError):
    """More than one request may carry."""

    code, status = "too_large", 413


class WorkerLost(HubError):
    """A process that shared the work was killed."""

    code, status = "worker_lost", 500


class BadConfiguration(HubError):
    """Configuration is wrong; every problem is listed."""

    code, status = "bad_configuration", 500
