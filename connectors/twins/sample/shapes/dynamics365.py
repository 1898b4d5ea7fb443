"""Rows as exported from Dataverse (Dynamics 365): logical column names, choices as numbers, countries in English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.twins.sample.world.words import countries

STATE = {"active": 0, "prospect": 0, "inactive": 1, "dissolved": 1}
TERMS = {"NET30": 1, "NET14": 2, "NET45": 3, "NET60": 4, "NET90": 5, "DUE": 6}
PROJECT_STATUS = {"planned": 192350000, "active": 1, "on_hold": 192350001, "closed": 192350002, "cancelled": 192350003}

ORDER_STATUS = {"in_approval": 2, "active": 1, "on_hold": 690970000, "terminated": 4, "closed": 100001}
ORDER_TYPE = {"fixed_price": 192350001, "time_and_material": 192350000, "work_order": 192350002, "retainer": 192350003}
INVOICE_STATUS = {"open": 4, "overdue": 192350000, "paid": 100001}


def account(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of accounts."""
    value = attributes.get
    return {
        "accountid": native_id,
        "name": value("name"),
        "address1_line1": value("address"),
        "address1_city": value("city"),
        "address1_postalcode": value("postcode"),
        "address1_country": _country(attributes),
        "telephone1": value("phone"),
        "emailaddress1": value("email"),
        "websiteurl": value("domain"),
        "new_industry": value("industry"),
        "new_taxid": value("tax_id"),
        "new_lei": value("lei"),
        "new_duns": value("duns"),
        "new_registrationno": value("registration_no"),
        "transactioncurrency": value("currency"),
        "paymenttermscode": TERMS.get(attributes.get("payment_terms", "")),
        "statecode": STATE.get(attributes.get("status", "")),
        "_new_legalentity_value": value("legal_entity"),
        "_parentaccountid_value": value("parent"),
        "modifiedon": _moment(updated_at),
    }


def company(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of cdm_companies."""
    value = attributes.get
    return {
        "cdm_companyid": native_id,
        "cdm_name": value("name"),
        "new_registrationno": value("registration_no"),
        "new_taxid": value("tax_id"),
        "new_lei": value("lei"),
        "new_street": value("address"),
        "new_city": value("city"),
        "new_postalcode": value("postcode"),
        "new_country": _country(attributes),
        "statecode": STATE.get(attributes.get("status", "")),
        "new_incorporatedon": value("incorporated_on"),
        "_cdm_parentcompany_value": value("parent"),
        "modifiedon": _moment(updated_at),
    }


def project(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of msdyn_projects."""
    value = attributes.get
    return {
        "msdyn_projectid": native_id,
        "new_projectnumber": value("code"),
        "msdyn_subject": value("name"),
        "_msdyn_customer_value": value("customer"),
        "msdyn_customername": value("customer_name"),
        "_new_legalentity_value": value("legal_entity"),
        "msdyn_scheduledstart": value("start_on"),
        "msdyn_finish": value("end_on"),
        "statuscode": PROJECT_STATUS.get(attributes.get("status", "")),
        "new_manager": value("manager"),
        "new_budget": value("budget"),
        "transactioncurrency": value("currency"),
        "modifiedon": _moment(updated_at),
    }


def order(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of salesorders: a contract."""
    value = attributes.get
    return {
        "salesorderid": native_id,
        "new_contractnumber": value("number"),
        "name": value("title"),
        "new_contracttype": ORDER_TYPE.get(attributes.get("type", "")),
        "statuscode": ORDER_STATUS.get(attributes.get("status", "")),
        "new_signedon": value("signed_on"),
        "new_startson": value("start_on"),
        "new_endson": value("end_on"),
        "totalamount": value("amount"),
        "transactioncurrency": value("currency"),
        "paymenttermscode": TERMS.get(attributes.get("payment_terms", "")),
        "_customerid_value": value("customer"),
        "new_customername": value("customer_name"),
        "_new_legalentity_value": value("legal_entity"),
        "_msdyn_project_value": value("project"),
        "modifiedon": _moment(updated_at),
    }


def invoice(native_id: str, attributes: Mapping[str, str], updated_at: datetime) -> dict[str, Any]:
    """A row of invoices."""
    value = attributes.get
    return {
        "invoiceid": native_id,
        "invoicenumber": value("number"),
        "name": value("subject"),
        "new_orderno": value("order_no"),
        "_salesorderid_value": value("contract"),
        "new_issuedon": value("issued_on"),
        "duedate": value("due_on"),
        "totalamount": value("amount"),
        "transactioncurrency": value("currency"),
        "statuscode": INVOICE_STATUS.get(attributes.get("status", "")),
        "new_paidon": value("paid_on"),
        "_customerid_value": value("customer"),
        "new_customername": value("customer_name"),
        "_new_legalentity_value": value("legal_entity"),
        "_msdyn_project_value": value("project"),
        "modifiedon": _moment(updated_at),
    }


def _country(attributes: Mapping[str, str]) -> str | None:
    code = attributes.get("country", "")
    return countries()[code].name if code in countries() else code or None


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
