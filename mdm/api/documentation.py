"""The OpenAPI document, and the page that people read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from mdm.api import schema as _schemes  # noqa: F401 (found by being imported)

METHODS = ("get", "post", "put", "patch", "delete")


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI 3 document of version 1."""
    generator: Any = SchemaGenerator
    schema: dict[str, Any] = generator().get_schema(public=True)
    return schema


@login_not_required
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(document(), json_dumps_params={"indent": 1})


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"endpoints": _endpoints(), "info": document()["info"]})


def _endpoints() -> list[dict[str, Any]]:
    """One row a path and method, as the page shows it."""
    return [
        {
            "path": path,
            "method": method.upper(),
            "summary": operation.get("summary", ""),
            "description": operation.get("description", ""),
            "parameters": operation.get("parameters", []),
            "request": _shape(operation.get("requestBody", {}).get("content", {})),
            "responses": [
                (status, answer.get("description", ""), _shape(answer.get("content", {})))
                for status, answer in operation["responses"].items()
            ],
        }
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    ]


def _shape(content: dict[str, Any]) -> list[tuple[str, str]]:
    """The members of a body: name and type."""
    body: dict[str, Any] = next(iter(content.values()), {})
    return list(_members(body.get("schema", {}), depth=0))


def _members(schema: dict[str, Any], *, depth: int, prefix: str = "") -> Any:
    schema = _resolved(schema)
    for name, member in schema.get("properties", {}).items():
        member = _resolved(member)
        kind = member.get("format") or member.get("type", "any")
        yield (prefix + name + ("" if name in schema.get("required", []) else "?"), kind)
        if depth < 3:
            yield from _members(
                member.get("items", member), depth=depth + 1, prefix=f"{prefix}{name}{'[]' if 'items' in member else ''}."
            )


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema a reference stands for."""
    if "allOf" in schema:
        schema = schema["allOf"][0]
    name = schema.get("$ref", "").rpartition("/")[2]
    return document()["components"]["schemas"][name] if name else schema
