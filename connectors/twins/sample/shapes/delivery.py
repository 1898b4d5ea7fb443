"""Messages of the home-made delivery system: nested, only what is known, countries as people say them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.twins.sample.world.words import countries

_SAID = {"US": "USA", "GB": "UK"}
ENGAGEMENT_STATE = {"planned": "draft", "active": "running", "on_hold": "paused", "closed": "done", "cancelled": "dropped"}


def client(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A client."""
    return _known(
        {
            "clientId": native_id,
            "name": attributes.get("name"),
            "address": _known(
                {
                    "street": attributes.get("address"),
                    "town": attributes.get("city"),
                    "zip": attributes.get("postcode"),
                    "country": _country(attributes),
                }
            ),
            "contact": _known(
                {name: attributes.get(name) for name in ("phone", "email")} | {"website": attributes.get("domain")}
            ),
            "identifiers": _known({"vat": attributes.get("tax_id"), "lei": attributes.get("lei")}),
            "state": attributes.get("status"),
            "modified": updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )


def engagement(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """An engagement, the delivery system's word for a project."""
    return _known(
        {
            "engagementId": native_id,
            "ref": attributes.get("code"),
            "title": attributes.get("name"),
            "client": _known({"id": attributes.get("customer"), "name": attributes.get("customer_name")}),
            "from": attributes.get("start_on"),
            "to": attributes.get("end_on"),
            "state": ENGAGEMENT_STATE.get(attributes.get("status", "")),
            "lead": attributes.get("manager"),
            "money": _known({"amount": attributes.get("budget"), "currency": attributes.get("currency")}),
            "modified": updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )


def _country(attributes: Mapping[str, str]) -> str | None:
    code = attributes.get("country", "")
    return _SAID.get(code) or (countries()[code].name if code in countries() else code or None)


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, {})}
