"""Rows of Workday custom reports: flat columns, countries in three letters, dates as the report writer likes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from connectors.twins.sample.world.words import countries

CUSTOMER_STATUS = {"active": "Active", "prospect": "Draft", "inactive": "Inactive"}
ENTITY_STATUS = {"active": "Active", "inactive": "Inactive", "dissolved": "Closed"}
PROJECT_STATUS = {"planned": "Planned", "active": "Open", "on_hold": "On Hold", "closed": "Closed", "cancelled": "Cancelled"}

CONTRACT_STATUS = {
    "in_approval": "In Progress",
    "active": "Approved",
    "on_hold": "On Hold",
    "terminated": "Terminated",
    "closed": "Closed",
}
CONTRACT_TYPE = {
    "fixed_price": "Fixed Fee",
    "time_and_material": "Time and Materials",
    "work_order": "Work Order",
    "retainer": "Retainer",
}
INVOICE_STATUS = {"open": "Approved", "overdue": "Past Due", "paid": "Paid"}


def customer(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of the customers report."""
    value = attributes.get
    return {
        "Customer_ID": native_id,
        "Customer_Name": value("name"),
        "Tax_ID": value("tax_id"),
        "LEI": value("lei"),
        "DUNS": value("duns"),
        "Registration_Number": value("registration_no"),
        "Address_Line_1": value("address"),
        "Municipality": value("city"),
        "Postal_Code": value("postcode"),
        "Country_ISO3": _country(attributes),
        "Phone": value("phone"),
        "Email_Address": value("email"),
        "Web_Address": value("domain"),
        "Industry": value("industry"),
        "Customer_Status": CUSTOMER_STATUS.get(attributes.get("status", "")),
        "Currency": value("currency"),
        "Payment_Terms": value("payment_terms"),
        "Company_Reference_ID": value("legal_entity"),
        "Last_Functionally_Updated": updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def organisation(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of the organisations report, type Company."""
    value = attributes.get
    return {
        "Organization_Reference_ID": native_id,
        "Organization_Name": value("name"),
        "Organization_Type": "Company",
        "Registration_Number": value("registration_no"),
        "Tax_ID": value("tax_id"),
        "LEI": value("lei"),
        "Address_Line_1": value("address"),
        "Municipality": value("city"),
        "Postal_Code": value("postcode"),
        "Country_ISO3": _country(attributes),
        "Status": ENTITY_STATUS.get(attributes.get("status", "")),
        "Incorporation_Date": _day(attributes.get("incorporated_on")),
        "Superior_Organization_ID": value("parent"),
        "Last_Functionally_Updated": updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def project(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of the projects report."""
    value = attributes.get
    return {
        "Project_ID": native_id,
        "Project_Code": value("code"),
        "Project_Name": value("name"),
        "Customer_ID": value("customer"),
        "Customer_Name": value("customer_name"),
        "Company_Reference_ID": value("legal_entity"),
        "Start_Date": _day(attributes.get("start_on")),
        "End_Date": _day(attributes.get("end_on")),
        "Project_Status": PROJECT_STATUS.get(attributes.get("status", "")),
        "Project_Manager": value("manager"),
        "Budget_Amount": value("budget"),
        "Currency": value("currency"),
        "Last_Functionally_Updated": updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def contract(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of the customer contracts report."""
    value = attributes.get
    return {
        "Customer_Contract_ID": native_id,
        "Contract_Number": value("number"),
        "Contract_Name": value("title"),
        "Contract_Type": CONTRACT_TYPE.get(attributes.get("type", "")),
        "Contract_Status": CONTRACT_STATUS.get(attributes.get("status", "")),
        "Signed_Date": _day(attributes.get("signed_on")),
        "Effective_Date": _day(attributes.get("start_on")),
        "End_Date": _day(attributes.get("end_on")),
        "Contract_Amount": value("amount"),
        "Currency": value("currency"),
        "Payment_Terms": value("payment_terms"),
        "Customer_ID": value("customer"),
        "Customer_Name": value("customer_name"),
        "Company_Reference_ID": value("legal_entity"),
        "Project_ID": value("project"),
        "Last_Functionally_Updated": updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def invoice(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of the customer invoices report."""
    value = attributes.get
    return {
        "Customer_Invoice_ID": native_id,
        "Invoice_Number": value("number"),
        "Memo": value("subject"),
        "PO_Number": value("order_no"),
        "Customer_Contract_ID": value("contract"),
        "Invoice_Date": _day(attributes.get("issued_on")),
        "Due_Date": _day(attributes.get("due_on")),
        "Total_Amount": value("amount"),
        "Currency": value("currency"),
        "Invoice_Status": INVOICE_STATUS.get(attributes.get("status", "")),
        "Paid_Date": _day(attributes.get("paid_on")),
        "Customer_ID": value("customer"),
        "Customer_Name": value("customer_name"),
        "Company_Reference_ID": value("legal_entity"),
        "Project_ID": value("project"),
        "Last_Functionally_Updated": updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _country(attributes: Mapping[str, str]) -> str | None:
    code = attributes.get("country", "")
    return countries()[code].iso3 if code in countries() else code or None


def _day(iso: str | None) -> str | None:
    return date.fromisoformat(iso).strftime("%d/%m/%Y") if iso else None
