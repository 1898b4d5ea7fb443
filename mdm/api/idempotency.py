"""`Idempotency-Key` on POST: the first answer again, whatever happened to it on the way."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from mdm.actions.governance import idempotency
from mdm.api.auth import caller
from mdm.rules.intake.limits import storable

View = Callable[..., Response]


def idempotent(view: View) -> View:
    """Let callers repeat a POST safely; without the header the view is as it was."""

    @functools.wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method != "POST":
            return view(request, *args, **kwargs)
        said = json.dumps([request.path, request.data], sort_keys=True, default=str, ensure_ascii=True)
        digest = hashlib.sha256(said.encode()).hexdigest()
        first = idempotency.claim(key=key, request_hash=digest, actor=caller(request), at=timezone.now())
        if first is not None:
            return Response(first.body, status=first.status, headers={"Idempotency-Replayed": "true"})
        try:
            response = view(request, *args, **kwargs)
        except Exception:
            idempotency.release(key=key, actor=caller(request), at=timezone.now())
            raise
        idempotency.keep(key=key, status=response.status_code, body=_plain(response), actor=caller(request), at=timezone.now())
        return response

    return guarded


def _plain(response: Response) -> Any:
    """The answer as JSON knows it, and as PostgreSQL can keep it."""
    return storable(json.loads(json.dumps(response.data, cls=JSONEncoder)))
