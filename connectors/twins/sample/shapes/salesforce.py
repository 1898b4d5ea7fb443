"""Records as the Salesforce REST API gives them; an unset field is null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

CUSTOMER_STATUS = {"active": "Active", "prospect": "Prospect", "inactive": "Inactive"}
ENTITY_STATUS = {"active": "Active", "inactive": "Dormant", "dissolved": "Dissolved"}
PROJECT_STATUS = {
    "planned": "Planned",
    "active": "In Progress",
    "on_hold": "On Hold",
    "closed": "Completed",
    "cancelled": "Cancelled",
}
TERMS = {"NET14": "Net 14", "NET30": "Net 30", "NET45": "Net 45", "NET60": "Net 60", "NET90": "Net 90", "DUE": "Due on receipt"}


def account(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """An Account."""
    value = attributes.get
    return _stamped(native_id, updated_at) | {
        "Name": value("name"),
        "BillingStreet": value("address"),
        "BillingCity": value("city"),
        "BillingPostalCode": value("postcode"),
        "BillingCountryCode": value("country"),
        "Phone": value("phone"),
        "Website": value("domain"),
        "Email__c": value("email"),
        "Industry": value("industry"),
        "Tax_Id__c": value("tax_id"),
        "Lei__c": value("lei"),
        "DunsNumber": value("duns"),
        "Registration_No__c": value("registration_no"),
        "Status__c": CUSTOMER_STATUS.get(attributes.get("status", "")),
        "CurrencyIsoCode": value("currency"),
        "Payment_Terms__c": TERMS.get(attributes.get("payment_terms", "")),
        "Legal_Entity__c": value("legal_entity"),
        "ParentId": value("parent"),
    }


def legal_entity(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A Legal_Entity__c, the tenant's own object."""
    value = attributes.get
    return _stamped(native_id, updated_at) | {
        "Name": value("name"),
        "Registration_No__c": value("registration_no"),
        "Tax_Id__c": value("tax_id"),
        "Lei__c": value("lei"),
        "Street__c": value("address"),
        "City__c": value("city"),
        "Postal_Code__c": value("postcode"),
        "Country_Code__c": value("country"),
        "Status__c": ENTITY_STATUS.get(attributes.get("status", "")),
        "Incorporated_On__c": value("incorporated_on"),
        "Parent__c": value("parent"),
    }


def project(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A Project__c, the tenant's own object. The customer's name is not in it: Account__r.Name asks the Account."""
    value = attributes.get
    return _stamped(native_id, updated_at) | {
        "Name": value("name"),
        "Project_Code__c": value("code"),
        "Account__c": value("customer"),
        "Legal_Entity__c": value("legal_entity"),
        "Start_Date__c": value("start_on"),
        "End_Date__c": value("end_on"),
        "Status__c": PROJECT_STATUS.get(attributes.get("status", "")),
        "Project_Manager__c": value("manager"),
        "Budget__c": float(attributes["budget"]) if "budget" in attributes else None,
        "CurrencyIsoCode": value("currency"),
    }


def _stamped(native_id: str, updated_at: datetime) -> dict[str, Any]:
    stamp = updated_at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {"Id": native_id, "IsDeleted": False, "SystemModstamp": stamp, "LastModifiedDate": stamp, "Enterprise_Id__c": None}
