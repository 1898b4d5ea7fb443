"""Records with the field names of NetSuite's record service and, for flags, SuiteQL's T and F.

The address stands in custom fields, as in accounts that keep one main address for reports: the address book is a sublist
that SuiteQL reaches only by a join.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

# Lists are known by internal ids, which differ from account to account.
CURRENCIES = [
    "USD",
    "GBP",
    "EUR",
    "CHF",
    "SEK",
    "DKK",
    "NOK",
    "PLN",
    "CZK",
    "CAD",
    "AUD",
    "INR",
    "SGD",
    "JPY",
    "CNY",
    "KRW",
    "UAH",
    "AED",
    "BRL",
    "TRY",
]
CURRENCY_IDS = {code: str(i) for i, code in enumerate(CURRENCIES, 1)}
TERM_IDS = {"NET14": "1", "NET30": "2", "NET45": "3", "NET60": "4", "NET90": "5", "DUE": "6"}
PROJECT_STATUS_IDS = {"planned": "4", "active": "2", "on_hold": "6", "closed": "1", "cancelled": "5"}


def customer(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A customer."""
    value = attributes.get
    return _stamped(native_id, updated_at) | {
        "entityId": f"CUST{native_id}",
        "companyName": value("name"),
        "vatRegNumber": value("tax_id"),
        "phone": value("phone"),
        "email": value("email"),
        "url": _absolute(attributes.get("domain")),
        "currency": _reference(CURRENCY_IDS.get(attributes.get("currency", ""))),
        "terms": _reference(TERM_IDS.get(attributes.get("payment_terms", ""))),
        "subsidiary": _reference(value("legal_entity")),
        "parent": _reference(value("parent")),
        "isInactive": "T" if attributes.get("status") == "inactive" else "F",
        "custentity_lei": value("lei"),
        "custentity_duns": value("duns"),
        "custentity_registration_no": value("registration_no"),
        "custentity_industry": value("industry"),
        "custentity_street": value("address"),
        "custentity_city": value("city"),
        "custentity_zip": value("postcode"),
        "custentity_country": value("country"),
        "custentity_enterprise_id": None,
    }


def subsidiary(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A subsidiary."""
    value = attributes.get
    return _stamped(native_id, updated_at) | {
        "name": value("name"),
        "federalIdNumber": value("tax_id"),
        "country": value("country"),
        "parent": _reference(value("parent")),
        "isInactive": "F" if attributes.get("status") == "active" else "T",
        "custrecord_registration_no": value("registration_no"),
        "custrecord_lei": value("lei"),
        "custrecord_street": value("address"),
        "custrecord_city": value("city"),
        "custrecord_zip": value("postcode"),
        "custrecord_incorporated_on": value("incorporated_on"),
        "custrecord_enterprise_id": None,
    }


def job(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A project, which NetSuite calls a job. The customer's name comes by BUILTIN.DF(customer)."""
    value = attributes.get
    return _stamped(native_id, updated_at) | {
        "entityId": value("code") or f"JOB{native_id}",
        "companyName": value("name"),
        "customer": _reference(value("customer")),
        "subsidiary": _reference(value("legal_entity")),
        "startDate": value("start_on"),
        "projectedEndDate": value("end_on"),
        "entityStatus": _reference(PROJECT_STATUS_IDS.get(attributes.get("status", ""))),
        "currency": _reference(CURRENCY_IDS.get(attributes.get("currency", ""))),
        "custentity_manager": value("manager"),
        "custentity_budget": float(attributes["budget"]) if "budget" in attributes else None,
        "custentity_enterprise_id": None,
    }


def _reference(list_or_record_id: str | None) -> dict[str, str] | None:
    return {"id": list_or_record_id} if list_or_record_id else None


def _absolute(website: str | None) -> str | None:
    if not website or website.startswith("http"):
        return website
    return f"http://{website}"


def _stamped(native_id: str, updated_at: datetime) -> dict[str, Any]:
    return {"id": native_id, "externalId": None, "lastModifiedDate": updated_at.strftime("%Y-%m-%dT%H:%M:%SZ")}
