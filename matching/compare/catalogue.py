"""All comparators by name: the roles they read, the levels they give, best first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from matching.compare import dates, identifiers, organisations, people, places, projects, values
from matching.compare.pairs import Pairs
from matching.compare.wordsets import romanised
from matching.types import Column, Levels


@dataclass(frozen=True, slots=True)
class Comparator:
    """One comparison. `levels[k]` is the label of level k + 1; level 0 is "could not compare".

    `exact`: levels at which the values of the first role are equal, so that their frequency may count. `remembered`: by role what
    it works out of all distinct values before it compares any, where that takes long; see `vocabulary.remembered`. `is_costly`:
    it takes several times as long as others, and is left for last.
    """

    function: Callable[[Pairs], Levels]
    roles: tuple[str, ...]
    levels: tuple[str, ...]
    optional: tuple[str, ...] = ()
    exact: tuple[int, ...] = (1,)
    remembered: Mapping[str, tuple[Callable[[Column], Any], ...]] = field(default_factory=dict)
    is_costly: bool = False

    @property
    def sentence(self) -> str:
        """What the comparator looks for, as a steward reads it: the first sentence of its docstring."""
        return (self.function.__doc__ or "").split("\n", 1)[0]


COMPARATORS: Mapping[str, Comparator] = {
    "organisation_name": Comparator(
        organisations.organisation_name,
        ("name",),
        organisations.NAME_LEVELS,
        exact=(),
        remembered={"name": (romanised, organisations.abbreviations)},
        is_costly=True,
    ),
    "legal_form": Comparator(organisations.legal_form, ("forms",), organisations.LEGAL_LEVELS),
    "place": Comparator(places.place, ("street", "house", "postcode", "city"), places.PLACE_LEVELS, exact=()),
    "postcode": Comparator(places.postcode, ("postcode",), places.AREA_LEVELS),
    "identifier": Comparator(identifiers.identifier, ("number",), identifiers.IDENTIFIER_LEVELS, optional=("scheme",)),
    "project_code": Comparator(identifiers.project_code, ("code", "number"), identifiers.CODE_LEVELS),
    "phone": Comparator(identifiers.phone, ("number", "local"), identifiers.PHONE_LEVELS),
    "web_site": Comparator(identifiers.web_site, ("site", "label", "mailbox"), identifiers.SITE_LEVELS, exact=(2,)),
    "email": Comparator(identifiers.email, ("mailbox", "user"), identifiers.EMAIL_LEVELS),
    "birth_day": Comparator(dates.birth_day, ("day",), dates.BIRTH_LEVELS),
    "period": Comparator(dates.period, ("start", "end"), dates.PERIOD_LEVELS, exact=()),
    "given_name": Comparator(people.given_name, ("name", "root"), people.GIVEN_LEVELS, optional=("other",)),
    "surname": Comparator(people.surname, ("name", "sound"), people.SURNAME_LEVELS, optional=("other",)),
    "full_name": Comparator(people.full_name, ("name",), people.FULL_LEVELS, exact=(), is_costly=True),
    "project_name": Comparator(projects.project_name, ("name",), projects.NAME_LEVELS, exact=(), is_costly=True),
    "project_series": Comparator(projects.project_series, ("series",), projects.SERIES_LEVELS, exact=()),
    "same_value": Comparator(values.same_value, ("value",), values.SAME_LEVELS),
    "similar_text": Comparator(values.similar_text, ("value",), values.SIMILAR_LEVELS),
    "shared_text": Comparator(values.shared_text, ("value",), values.WORDS_LEVELS, exact=(), is_costly=True),
    "shared_codes": Comparator(values.shared_codes, ("value",), values.CODES_LEVELS, is_costly=True),
    "amount": Comparator(values.amount, ("value",), values.AMOUNT_LEVELS, exact=()),
}
