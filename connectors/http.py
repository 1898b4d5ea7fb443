"""The one door to HTTP: concurrency limit, authentication, and one policy for each class of error."""

from __future__ import annotations

import email.utils
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2

from connectors.errors import ConnectorError, ErrorClass, of_class
from connectors.manifest import ErrorRule, Limits

Explain = Callable[[httpx2.Response], tuple[str, str]]

_UNKNOWN = ErrorRule(ErrorClass.PERMANENT)
_LOST = ErrorRule(ErrorClass.RETRY, wait_seconds=0.2)
_REPEATABLE = frozenset({"GET", "PUT", "PATCH", "DELETE"})
# A login that fails twice with fresh credentials is no hiccup.
_LOGIN_ATTEMPTS = 3


class Authentication(httpx2.Auth):
    """Signs requests; `renew` is told which credentials a system no longer takes."""

    def renew(self, refused: str) -> None:
        """Forget what stood in the refused Authorization header; nothing to do where each request is signed anew."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `is_repeatable`: doing it twice does no harm, None follows from the method."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    json: Any = None
    headers: Mapping[str, str] | None = None
    is_repeatable: bool | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether the call can be sent again when nobody knows what became of it."""
        return self.method in _REPEATABLE if self.is_repeatable is None else self.is_repeatable


class Door:
    """Calls one system. Threads may share it.

    `rules`: what answers mean, first match wins. `explain`: the system's own code and message out of an answer.
    """

    def __init__(
        self,
        *,
        base_url: str,
        auth: Authentication,
        limits: Limits,
        rules: Sequence[ErrorRule],
        explain: Explain,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx2.Client(base_url=base_url, auth=auth, timeout=limits.timeout_seconds)
        self._auth = auth
        self._limits = limits
        self._rules = tuple(rules)
        self._explain = explain
        self._sleep = sleep
        self._places = threading.Semaphore(limits.concurrency)

    @property
    def limits(self) -> Limits:
        """The limits this door keeps."""
        return self._limits

    def call(self, call: Call) -> httpx2.Response:
        """Send a request until it succeeds or its error says to stop; gives an answer below 300.

        Raises:
            ConnectorError: the system refused for good, or did not answer after all attempts.
        """
        logins = 0
        for attempt in range(1, self._limits.attempts + 1):
            answer, rule, error = self._once(call)
            if error is None and answer is not None:
                return answer
            assert error is not None
            logins += error.error_class is ErrorClass.AUTH
            if not self._is_worth_another(call, rule, error, logins=logins) or attempt == self._limits.attempts:
                raise error
            wait = self._wait(rule, error, attempt)
            if wait > self._limits.longest_wait_seconds:
                error.retry_after_seconds = wait
                raise error
            self._sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def rule(self, status: int, code: str) -> ErrorRule:
        """What an answer of this status and code means."""
        return next((rule for rule in self._rules if rule.fits(status, code)), _UNKNOWN)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _once(self, call: Call) -> tuple[httpx2.Response | None, ErrorRule, ConnectorError | None]:
        try:
            with self._places:
                answer = self._http.request(call.method, call.path, params=call.params, json=call.json, headers=call.headers)
        except httpx2.TransportError as lost:
            message = f"{call.method} {call.path}: no answer ({type(lost).__name__})"
            return None, _LOST, of_class(ErrorClass.RETRY, message, code="connection_lost")
        except ConnectorError as refused:
            return None, _UNKNOWN, refused
        if answer.status_code < 300:
            return answer, _UNKNOWN, None
        code, message = self._explain(answer)
        rule = self.rule(answer.status_code, code)
        if rule.error_class is ErrorClass.AUTH:
            self._auth.renew(answer.request.headers.get("Authorization", ""))
        said = f"{call.method} {call.path} answered {answer.status_code}: {message or code}"
        return (
            answer,
            rule,
            of_class(rule.error_class, said, code=code or str(answer.status_code), retry_after_seconds=_asked(answer, rule)),
        )

    @staticmethod
    def _is_worth_another(call: Call, rule: ErrorRule, error: ConnectorError, *, logins: int) -> bool:
        if error.error_class is ErrorClass.AUTH:
            return logins < _LOGIN_ATTEMPTS
        if error.code == "connection_lost":
            return call.may_repeat
        return error.error_class in {ErrorClass.RETRY, ErrorClass.THROTTLE} and not rule.is_row

    @staticmethod
    def _wait(rule: ErrorRule, error: ConnectorError, attempt: int) -> float:
        if error.retry_after_seconds is not None:
            return error.retry_after_seconds
        # Half of the wait by chance, so that clients that were refused together do not come back together.
        return float(rule.wait_seconds * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))


def _asked(answer: httpx2.Response, rule: ErrorRule) -> float | None:
    """The wait that the system asks for, in seconds; quotas have one of their own, None without a wish."""
    asked = answer.headers.get(rule.wait_header) if rule.wait_header else None
    if asked is None:
        return rule.wait_seconds if rule.error_class is ErrorClass.QUOTA_EXHAUSTED else None
    return seconds_of(asked)


def seconds_of(asked: str) -> float | None:
    """A Retry-After value in seconds from now: a number or a date (RFC 9110, 10.2.3); None when it is neither."""
    try:
        return max(0.0, float(asked))
    except ValueError:
        pass
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
