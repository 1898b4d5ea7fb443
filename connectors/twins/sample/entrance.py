"""How the sample's records reach the world: files for two systems, REST messages for one, the twins for two."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from connectors.twins.control_client import ControlClient
from connectors.twins.sample.firm import LOADING_ORDER, Firm, Row, domain_of

# The format in which each object of the file systems is exported.
FILE_FORMATS = {
    ("dynamics365", "accounts"): "xlsx",
    ("dynamics365", "cdm_companies"): "ndjson",
    ("dynamics365", "msdyn_projects"): "ndjson",
    ("workday", "customers"): "csv",
    ("workday", "organisations"): "parquet",
    ("workday", "projects"): "csv",
    ("dynamics365", "salesorders"): "ndjson",
    ("workday", "customer_contracts"): "csv",
    ("dynamics365", "invoices"): "ndjson",
    ("workday", "customer_invoices"): "parquet",
}
_SEED_ROWS = 500


def write_files(firm: Firm, folder: Path) -> list[Path]:
    """Write the file systems' exports as `<system>.<object>.<format>`; give their paths in loading order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for domain in LOADING_ORDER:
        for (system, object_name), form in FILE_FORMATS.items():
            if domain_of(system, object_name) == domain:
                path = folder / f"{system}.{object_name}.{form}"
                _FILE_WRITERS[form](path, [row.payload for row in firm.rows[system, object_name]])
                paths.append(path)
    return paths


def rest_batches(firm: Firm, *, size: int = 500) -> Iterator[dict[str, Any]]:
    """Bodies for `POST records:batch` with the delivery system's records, clients before engagements."""
    for object_name in ("clients", "engagements"):
        rows = firm.rows["delivery", object_name]
        domain = domain_of("delivery", object_name)
        for start in range(0, len(rows), size):
            yield {"records": [_message(row, object_name, domain) for row in rows[start : start + size]]}


def seed_twins(firm: Firm, salesforce_url: str, netsuite_url: str, admin_key: str) -> dict[str, int]:
    """Fill empty twins with their records and give the rows put in, by system; an object that has rows already is left alone."""
    put = {}
    for system, url in (("salesforce", salesforce_url), ("netsuite", netsuite_url)):
        with ControlClient(url, admin_key) as control:
            put[system] = sum(_seed(control, name, rows) for (owner, name), rows in firm.rows.items() if owner == system)
    return put


def write_tables(firm: Firm, folder: Path) -> list[Path]:
    """Write one CSV a domain, `id,cluster,source,<attributes>`, for the engine's command line; broken records are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, list[dict[str, str]]] = {domain: [] for domain in firm.domains}
    for (system, object_name), rows in firm.rows.items():
        for row in _good_rows(firm, system, object_name, rows):
            domain, cluster = firm.truth[system, object_name, row.scope, row.native_id]
            identity = {"id": f"{system}/{object_name}/{row.native_id}", "cluster": cluster, "source": system}
            tables[domain].append(identity | dict(row.attributes))
    for domain, lines in tables.items():
        _write_csv(folder / f"{domain}.csv", lines)
    return [folder / f"{domain}.csv" for domain in tables]


def _good_rows(firm: Firm, system: str, object_name: str, rows: Sequence[Row]) -> Iterator[Row]:
    seen = set()
    for row in rows:
        if (system, object_name, row.scope, row.native_id) in firm.truth and row.native_id not in seen:
            seen.add(row.native_id)
            yield row


def _seed(control: ControlClient, object_name: str, rows: Sequence[Row]) -> int:
    if control.count(object_name):
        return 0
    for start in range(0, len(rows), _SEED_ROWS):
        control.seed(object_name, [row.payload for row in rows[start : start + _SEED_ROWS]])
    return len(rows)


def _message(row: Row, object_name: str, domain: str) -> dict[str, Any]:
    return {
        "system": "delivery",
        "object": object_name,
        "domain": domain,
        "native_id": row.native_id,
        "updated_at": row.updated_at.isoformat(),
        "payload": row.payload,
    }


def _write_csv(path: Path, payloads: Sequence[Mapping[str, Any]]) -> None:
    columns = list(dict.fromkeys(name for payload in payloads for name in payload))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, restval="")
        writer.writeheader()
        writer.writerows(payloads)


def _write_ndjson(path: Path, payloads: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(payload, ensure_ascii=False) + "\n" for payload in payloads), encoding="utf-8")


def _write_parquet(path: Path, payloads: Sequence[Mapping[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist([dict(payload) for payload in payloads]), path)


def _write_xlsx(path: Path, payloads: Sequence[Mapping[str, Any]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(path.stem.split(".")[-1])
    columns = list(payloads[0])
    sheet.append(columns)
    for payload in payloads:
        sheet.append([payload[name] for name in columns])
    book.save(path)


_FILE_WRITERS = {"csv": _write_csv, "ndjson": _write_ndjson, "parquet": _write_parquet, "xlsx": _write_xlsx}
