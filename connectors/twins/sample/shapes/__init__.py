"""The vendors' own record shapes: one module a system, one function a domain: attributes in the hub's words -> payload."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.twins.sample.shapes import delivery, dynamics365, netsuite, salesforce, workday

Shape = Callable[[str, Mapping[str, str], datetime], dict[str, Any]]

SHAPES: Mapping[tuple[str, str], Shape] = {
    ("salesforce", "customer"): salesforce.account,
    ("salesforce", "legal_entity"): salesforce.legal_entity,
    ("salesforce", "project"): salesforce.project,
    ("netsuite", "customer"): netsuite.customer,
    ("netsuite", "legal_entity"): netsuite.subsidiary,
    ("netsuite", "project"): netsuite.job,
    ("dynamics365", "customer"): dynamics365.account,
    ("dynamics365", "legal_entity"): dynamics365.company,
    ("dynamics365", "project"): dynamics365.project,
    ("dynamics365", "contract"): dynamics365.order,
    ("dynamics365", "invoice"): dynamics365.invoice,
    ("workday", "customer"): workday.customer,
    ("workday", "legal_entity"): workday.organisation,
    ("workday", "project"): workday.project,
    ("workday", "contract"): workday.contract,
    ("workday", "invoice"): workday.invoice,
    ("delivery", "customer"): delivery.client,
    ("delivery", "project"): delivery.engagement,
}
