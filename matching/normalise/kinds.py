"""The kinds of attribute, what each becomes for comparing, and the one loop that standardises columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.normalise import (
    addresses,
    countries,
    dates,
    identifiers,
    numbers,
    organisations,
    people,
    phones,
    projects,
    sites,
    texts,
)
from matching.types import MISSING, Cells, Column

Parts = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of attribute is standardised: `parts` names what the function returns, in order.

    `hinted`: the function also takes the value of another attribute (the country of a phone number), where `reads_hint` of the
    value holds. `effort`: microseconds a value, roughly; it says what to begin with when work is shared.
    """

    parts: tuple[str, ...]
    function: Callable[..., Parts]
    hinted: bool = False
    reads_hint: Callable[[str], bool] | None = None
    effort: int = 2


KINDS: Mapping[str, Kind] = {
    "organisation_name": Kind(
        organisations.PARTS, organisations.organisation, hinted=True, reads_hint=organisations.may_name_town, effort=9
    ),
    "given_name": Kind(people.GIVEN_PARTS, people.given_name),
    "surname": Kind(people.SURNAME_PARTS, people.surname),
    "person_name": Kind(("name",), people.full_name),
    "project_name": Kind(projects.PARTS, projects.project_name, hinted=True),
    "project_code": Kind(projects.CODE_PARTS, projects.project_code),
    "address": Kind(addresses.ADDRESS_PARTS, addresses.address, effort=6),
    "city": Kind(("name",), addresses.city),
    "postcode": Kind(("code",), addresses.postcode),
    "country": Kind(("code",), countries.country),
    "phone": Kind(phones.PARTS, phones.phone, hinted=True, effort=5),
    "email": Kind(sites.MAIL_PARTS, sites.mail, effort=5),
    "web_domain": Kind(sites.SITE_PARTS, sites.site, effort=4),
    "tax_id": Kind(identifiers.TAX_PARTS, identifiers.tax_number, hinted=True, effort=4),
    "lei": Kind(("number",), identifiers.lei),
    "duns": Kind(("number",), identifiers.duns),
    "registration_no": Kind(identifiers.TAX_PARTS, identifiers.register_number, hinted=True),
    "personal_number": Kind(("number",), identifiers.personal_number),
    "date": Kind(dates.PARTS, dates.day),
    "amount": Kind(("number",), numbers.amount),
    "text": Kind(("words",), texts.plain),
    "coded_text": Kind(texts.CODED_PARTS, texts.coded, effort=4),
    "code": Kind(("code",), texts.code),
}


def standardised(kind: str, values: Column, hint: Column | None = None) -> dict[str, Column]:
    """The parts of one attribute for all records. Cost: one call for each distinct value (and hint)."""
    how = KINDS[kind]
    if how.hinted:
        values, arguments = _paired(values, hint, how.reads_hint)
        rows: list[Any] = [how.function(*cells) for cells in arguments]
    else:
        rows = [how.function(value) for value in values.values]
    if not rows:
        return {part: Column(values.codes, values.values) for part in how.parts}
    return {part: values.mapped(cells) for part, cells in zip(how.parts, zip(*rows, strict=True), strict=True)}


def _paired(
    values: Column, hint: Column | None, reads_hint: Callable[[str], bool] | None
) -> tuple[Column, list[tuple[str, str | None]]]:
    """Distinct (value, hint) combinations: a column of their numbers, and the combinations themselves."""
    if hint is None:
        return values, [(value, None) for value in values.values]
    width = len(hint.values) + 1
    said = hint.codes + 1
    if reads_hint is not None:
        reads = np.fromiter(map(reads_hint, values.values), bool, len(values.values))
        said = np.where(np.append(reads, False)[values.codes], said, 0)
    combined = values.codes.astype(np.int64) * width + said
    present = values.codes >= 0
    distinct, inverse = np.unique(combined[present], return_inverse=True)
    codes = np.full(len(values), MISSING, np.int32)
    codes[present] = inverse
    hints = np.append(np.array([None], object), hint.values)
    cells = list(zip(values.values[distinct // width].tolist(), hints[distinct % width].tolist(), strict=True))
    # The combinations have no text of their own; only their numbers are used.
    return Column(codes, np.arange(len(distinct)).astype(object)), cells


def encoded(cells: Cells | Column) -> Column:
    """A column as it came, or one made of a sequence of texts."""
    return cells if isinstance(cells, Column) else Column.of(cells)
