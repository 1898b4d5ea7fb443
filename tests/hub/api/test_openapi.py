"""The committed OpenAPI document is what the code says, and valid."""

from __future__ import annotations

import json
from pathlib import Path

from openapi_spec_validator import validate

from mdm.api import documentation

COMMITTED = Path(documentation.__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_document_equals_the_code():
    """After a change: manage.py spectacular --format openapi-json --file docs/openapi.json, and look at the difference."""
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == json.loads(json.dumps(documentation.document()))


def test_the_document_is_valid_openapi():
    validate(json.loads(COMMITTED.read_text(encoding="utf-8")))


def test_every_operation_says_how_it_refuses_and_every_post_takes_an_idempotency_key():
    operations = [
        (method, operation) for path in documentation.document()["paths"].values() for method, operation in path.items()
    ]

    assert all("default" in operation["responses"] for _, operation in operations)
    assert all(
        "Idempotency-Key" in {p["name"] for p in operation["parameters"]} for method, operation in operations if method == "post"
    )
