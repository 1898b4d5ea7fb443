"""A small WSGI layer: requests, answers, routes, and the order in which a twin looks at a request."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, unquote

from connectors.twins.errors import Refused
from connectors.twins.faults import Faults
from connectors.twins.store import Store

logger = logging.getLogger(__name__)
_LARGEST_BODY = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `url` is what the client signed, `client` who it is once that is known."""

    method: str
    path: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    client: str = ""

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Refused: it is none.
        """
        try:
            return json.loads(self.body or b"null")
        except ValueError as error:
            raise Refused("bad_json", f"Unexpected character in the request body: {error}") from error

    @property
    def host_url(self) -> str:
        """Scheme and host as the client called them."""
        return "/".join(self.url.split("/", 3)[:3])


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `body` is what JSON can say, None is no body at all."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=UTF-8"


Handler = Callable[..., Answer]
Routes = Sequence[tuple[str, str, Handler]]


class Voice(Protocol):
    """How a vendor says what every server has to say. `reads_by_post`: paths whose POST changes nothing."""

    reads_by_post: tuple[str, ...]

    def refused(self, refusal: Refused) -> Answer:
        """An error of the vendor's shape."""
        ...

    def throttled(self, retry_after_seconds: float | None) -> Answer:
        """Too many requests."""
        ...

    def unavailable(self) -> Answer:
        """The server is down for a moment."""
        ...

    def client_of(self, request: Request) -> str:
        """Who sent the request.

        Raises:
            Refused: nobody the vendor knows.
        """
        ...

    def finish(self, request: Request, answer: Answer) -> Answer:
        """The answer with the headers that stand on every answer."""
        ...


class Application:
    """The WSGI application of one twin."""

    def __init__(self, *, store: Store, faults: Faults, voice: Voice, routes: Routes, most_at_once: int | None = None) -> None:
        self._store = store
        self._faults = faults
        self._voice = voice
        self._routes = [(method, re.compile(pattern), handler) for method, pattern, handler in routes]
        self._places = threading.Semaphore(most_at_once) if most_at_once else None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, or close the connection when a fault says so."""
        request = _request(environ)
        answer = self._answer(request)
        if answer.status < 300 and self._is_dropped(request):
            _hang_up(environ.get("gunicorn.socket"))
            start_response("200 OK", [("Content-Length", "0")])
            return [b""]
        return _send(answer, start_response)

    def _is_dropped(self, request: Request) -> bool:
        is_read = (
            request.method == "GET" or request.path.endswith(self._voice.reads_by_post) or request.path.startswith("/_twin/")
        )
        return not is_read and self._faults.take("drop_after_apply", path=request.path) is not None

    def _answer(self, request: Request) -> Answer:
        if request.path.startswith("/_twin/"):
            return self._dispatch(request)
        if self._places is None:
            return self._serve(request)
        if not self._places.acquire(blocking=False):
            return self._voice.finish(request, self._voice.throttled(None))
        try:
            return self._serve(request)
        finally:
            self._places.release()

    def _serve(self, request: Request) -> Answer:
        self._store.count(f"requests {request.method}")
        fault = self._fault(request)
        if fault is not None:
            return self._voice.finish(request, fault)
        try:
            known = replace(request, client=self._voice.client_of(request))
        except Refused as refusal:
            return self._voice.finish(request, self._voice.refused(refusal))
        return self._voice.finish(known, self._dispatch(known))

    def _fault(self, request: Request) -> Answer | None:
        delay = self._faults.take("delay", path=request.path)
        if delay is not None:
            time.sleep(float(delay["seconds"]))
        if self._faults.take("unavailable", path=request.path) is not None:
            return self._voice.unavailable()
        throttle = self._faults.take("throttle", path=request.path)
        return None if throttle is None else self._voice.throttled(throttle.get("retry_after"))

    def _dispatch(self, request: Request) -> Answer:
        methods: set[str] = set()
        for method, pattern, handler in self._routes:
            if found := pattern.fullmatch(request.path):
                methods.add(method)
                if method == request.method:
                    return self._handled(handler, request, found.groupdict())
        code = "bad_method" if methods else "no_route"
        return self._voice.refused(Refused(code, f"{request.method} {request.path}: the requested resource does not exist"))

    def _handled(self, handler: Handler, request: Request, names: Mapping[str, str]) -> Answer:
        try:
            return handler(request, **{name: unquote(value) for name, value in names.items() if value is not None})
        except Refused as refusal:
            return self._voice.refused(refusal)
        except Exception:
            logger.exception("twin failed", extra={"path": request.path})
            return self._voice.unavailable()


def _request(environ: Mapping[str, Any]) -> Request:
    length = min(int(environ.get("CONTENT_LENGTH") or 0), _LARGEST_BODY)
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "")
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    # The raw path keeps escapes such as %2F in an id; WSGI's PATH_INFO has them decoded already.
    raw = environ.get("RAW_URI") or quote(environ.get("PATH_INFO", "/")) + "?" + environ.get("QUERY_STRING", "")
    path, _, query = raw.partition("?")
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path,
        url=f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', 'localhost')}{path}" + (f"?{query}" if query else ""),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        body=environ["wsgi.input"].read(_LARGEST_BODY if chunked else length) if length or chunked else b"",
    )


def _send(answer: Answer, start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = [*answer.headers.items(), ("Content-Length", str(len(body)))]
    if body:
        headers.append(("Content-Type", answer.content_type))
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
    return [body]


def _hang_up(connection: socket.socket | None) -> None:
    # Gunicorn gives the client's socket; other servers do not, and there the answer is merely empty.
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
