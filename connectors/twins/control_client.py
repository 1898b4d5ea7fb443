"""The other side of a twin's control plane: seeding, planting and counting, for demos and tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx2

ADMIN_HEADER = "X-Twin-Admin-Key"
_SECONDS = 60.0


class ControlClient:
    """Speaks to `/_twin/` of one twin."""

    def __init__(self, url: str, admin_key: str) -> None:
        self._http = httpx2.Client(base_url=f"{url.rstrip('/')}/_twin/", headers={ADMIN_HEADER: admin_key}, timeout=_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def seed(self, object_name: str, rows: Sequence[Mapping[str, Any]]) -> int:
        """Put rows in as they are, unchecked and without a journal entry; rows that are there already stay."""
        return int(self._post("seed", {"object": object_name, "rows": list(rows)})["inserted"])

    def edit(self, object_name: str, row_id: str, fields: Mapping[str, Any], *, user: str = "someone") -> None:
        """Change a row as a person in the vendor's own screens would: checked, journalled, with a new time of change."""
        self._post("edit", {"object": object_name, "id": row_id, "fields": dict(fields), "user": user})

    def restore(self, object_name: str, row_id: str, *, user: str = "someone") -> None:
        """Take a deleted row back out of the recycle bin, where the vendor has one."""
        self._post("restore", {"object": object_name, "id": row_id, "user": user})

    def fault(self, kind: str, **details: Any) -> int:
        """Queue a fault; gives its number. See `connectors.twins.faults` for the kinds."""
        return int(self._post("faults", {"kind": kind, **details})["id"])

    def clear_faults(self, fault_id: int | None = None) -> None:
        """Take back one fault, or all of them."""
        self._http.delete("faults", params={} if fault_id is None else {"id": fault_id}).raise_for_status()

    def faults(self) -> list[dict[str, Any]]:
        """The faults still in the queue."""
        found: list[dict[str, Any]] = self._get("faults", {})["faults"]
        return found

    def journal(self, *, after: int = 0) -> Iterator[dict[str, Any]]:
        """Every effective write since `after`, oldest first."""
        while entries := self._get("journal", {"after": after})["entries"]:
            yield from entries
            after = entries[-1]["seq"]

    def stats(self) -> dict[str, Any]:
        """Counts: live `rows` by object; `writes`, `effective` ever and `idle` since the start; `requests` since then."""
        return self._get("stats", {})

    def count(self, object_name: str) -> int:
        """Live rows of an object."""
        return int(self.stats()["rows"].get(object_name, 0))

    def _get(self, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._http.get(path, params=dict(params)).raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._http.post(path, json=body)
        if answer.status_code >= 400:
            raise ValueError(f"{path}: {answer.status_code} {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found
