"""Values that people pinned, as survivorship takes them: those that stand now, and those that counted in a past version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from mdm.engine import cleaning
from mdm.engine.plans import Regrouping
from mdm.engine.releases import Release
from mdm.errors import BadInput, NotAllowed, NotFound
from mdm.models import Golden, GoldenVersion, Override, SourceRecord
from mdm.rules.golden import survivorship
from mdm.rules.governance import roles
from mdm.rules.governance.domains import Attribute
from mdm.rules.intake import validate
from mdm.rules.values import is_empty

Pins = dict[int, survivorship.Override]
"""By the ID of their rows."""


def standing(carriers: Collection[int]) -> dict[int, Pins]:
    """What acts on these golden records until somebody ends it, by their row IDs. One query, none for none."""
    found: dict[int, Pins] = {}
    rows = Override.objects.filter(carrier_id__in=carriers, ended_at=None).select_related("made_by") if carriers else ()
    for row in rows:
        found.setdefault(row.carrier_id, {})[row.pk] = of_row(row, row.carrier_id)
    return found


def of_versions(wanted: Sequence[tuple[int, Collection[int]]]) -> list[list[survivorship.Override]]:
    """What counted in past versions, each (golden record, its `overrides`). One query, none for none."""
    ids = {number for _, numbers in wanted for number in numbers}
    rows = {row.pk: row for row in Override.objects.filter(pk__in=ids).select_related("made_by")} if ids else {}
    return [[of_row(rows[number], golden) for number in numbers if number in rows] for golden, numbers in wanted]


def as_of(version: GoldenVersion, *, at: datetime, known_at: datetime) -> list[survivorship.Override]:
    """What was pinned on the date `at`, as far as the hub knew at `known_at`: on this golden record, or come to it by then.

    `version`: what the hub knew it to be at `known_at`. One query.
    """
    return as_of_each([version], at=at, known_at=known_at)[version.golden_id]


def as_of_each(versions: Sequence[GoldenVersion], *, at: datetime, known_at: datetime) -> dict[int, list[survivorship.Override]]:
    """The same of many golden records, by their row IDs, each in one version. One query."""
    both = min(at, known_at)
    brought = {number: version.golden_id for version in versions for number in version.overrides}
    own = [version.golden_id for version in versions]
    rows = Override.objects.filter(Q(golden__in=own) | Q(pk__in=brought), made_at__lte=both)
    found: dict[int, list[survivorship.Override]] = {golden: [] for golden in own}
    for row in rows.exclude(ended_at__lte=both).select_related("made_by").order_by("id"):
        for golden in {row.golden_id, brought.get(row.pk, row.golden_id)} & found.keys():
            found[golden].append(of_row(row, golden))
    return found


def active(pins: Mapping[int, survivorship.Override], at: datetime) -> list[int]:
    """The IDs of those that count at `at`, sorted."""
    return sorted(number for number, pin in pins.items() if pin.is_active(at))


def after(plan: Regrouping) -> list[list[survivorship.Override]]:
    """What will act on each placement of a plan; one query.

    A pinned value goes back to its own golden record where that is among them, else it stays where it acts, else it follows most
    of the records.
    """
    placements, homes = plan.assignment.placements, plan.component.homes
    found: list[list[survivorship.Override]] = [[] for _ in placements]
    keepers = {placement.golden: number for number, placement in enumerate(placements) if placement.golden is not None}
    places = {record: number for number, placement in enumerate(placements) for record in placement.members}
    rows = Override.objects.filter(carrier_id__in=set(homes.values()), ended_at=None).select_related("made_by").order_by("id")
    for row in rows:
        went = Counter(places[record] for record, home in homes.items() if home == row.carrier_id)
        place = keepers.get(row.golden_id, keepers.get(row.carrier_id, min(went, key=lambda one: (-went[one], one))))
        found[place].append(of_row(row, placements[place].golden or 0))
    return found


def of_row(row: Override, carrier: int) -> survivorship.Override:
    """One row as it counts for `carrier`; `made_by` must be loaded."""
    return survivorship.Override(
        row.attribute, row.value, row.made_by.name, row.reason, row.made_at, row.expires_at, is_own=row.golden_id == carrier
    )


def clean(release: Release, golden: Golden, attribute: str, value: Any, *, role: str, at: datetime) -> Any:
    """A value as the hub keeps it, None where nothing is to stand there.

    Raises:
        NotFound: there is no such attribute.
        NotAllowed: the role does not see its values.
        BadInput: the value fails its checks.
    """
    declared = _declared(release, attribute, role)
    if is_empty(value):
        if declared.is_required:
            raise BadInput(f"{declared.title} is required; it cannot be pinned to nothing.")
        return None
    (cleaned,), (found,) = cleaning.clean(release.spec, [{**golden.values, attribute: value}])
    mine = [found[attribute]] if attribute in found else []
    verdict = validate.validate(release.spec, {**golden.values, **cleaned}, mine, today=at.date())
    if attribute in verdict.invalid or attribute not in cleaned or mine:
        problems = [one for one in (*verdict.quarantine, *verdict.warnings) if one["field"] == attribute]
        raise BadInput(problems[0]["message"] if problems else f"{declared.title} cannot be {value!r}.", problems=problems[:1])
    return cleaned[attribute]


def chosen(
    release: Release,
    golden: Golden,
    choices: Mapping[str, Mapping[str, Any]],
    names: Mapping[int, str],
    *,
    role: str,
    at: datetime,
) -> dict[str, Any]:
    """The values that a person chose for a merge: one of a record among `names` (ID to stable name), or one of their own.

    Raises:
        BadInput: a choice is neither, or its record has no such value. Else as `clean`.
    """
    numbers = {name: number for number, name in names.items()}
    wanted = [numbers.get(str(choice.get("record"))) for choice in choices.values() if "record" in choice]
    said = dict(SourceRecord.objects.filter(pk__in=wanted).values_list("pk", "attributes")) if any(wanted) else {}
    values = {}
    for attribute, choice in choices.items():
        if ("record" in choice) == ("value" in choice):
            raise BadInput(f"The choice for {attribute} names a record, or gives a value.")
        if "value" in choice:
            values[attribute] = clean(release, golden, attribute, choice["value"], role=role, at=at)
            continue
        _declared(release, attribute, role)
        value = said.get(numbers.get(str(choice["record"]), 0), {}).get(attribute)
        if is_empty(value):
            raise BadInput(f"{choice['record']} has no {attribute} among the records to merge.")
        values[attribute] = value
    return values


def _declared(release: Release, attribute: str, role: str) -> Attribute:
    declared = next((one for one in release.spec.attributes if one.name == attribute), None)
    if declared is None:
        raise NotFound(f"{release.spec.title} records have no attribute {attribute!r}.")
    if not roles.sees(roles.Role(role), declared.sensitivity):
        raise NotAllowed(f"Your role ({role.lower()}) does not see {declared.title}, so that it cannot choose it.")
    return declared
