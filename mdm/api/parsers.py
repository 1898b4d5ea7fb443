"""Reads request bodies: JSON, and nothing that only looks like it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from mdm.errors import BadInput, TooLarge

MOST_BYTES = 64 * 1024 * 1024


class StrictJSON(BaseParser):
    """JSON. Bytes that are no UTF-8 become lone surrogates, so that the one record that has them is refused, not the batch."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TooLarge(f"The request is larger than {MOST_BYTES // 1024 // 1024} MB; send smaller batches.")
        try:
            return json.loads(raw.decode("utf-8", "surrogateescape"))
        except RecursionError as error:
            raise BadInput("The JSON is nested too deeply to be read; flatten it.") from error
        except ValueError as error:
            raise BadInput(f"The request is no JSON: {error}.") from error
