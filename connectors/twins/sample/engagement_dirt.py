"""How project records differ between systems: code formats, abbreviated names, late starts, other budgets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connectors.twins.sample import dirt
from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.truth import Party, Project
from connectors.twins.sample.world.words import engagements

# Each system writes the firm's project number in its own way; the year and the serial are always in it.
CODE_FORMATS = {
    "salesforce": ("P-{yy}-{serial:05d}", "P{yy}{serial:05d}"),
    "netsuite": ("{yy}-{serial:05d}", "PRJ{yy}-{serial:05d}"),
    "dynamics365": ("PRJ-{yyyy}-{serial:05d}", "{yyyy}.{serial}"),
    "workday": ("WD_P{yy}{serial:05d}", "P{yy}-{serial:05d}"),
    "delivery": ("p{yy}/{serial}", "#{yy}-{serial:05d}"),
}
_NAME_NOTES = (" (new)", " - billable", " [internal]", " - T&M", " / fixed fee")


def code(chance: Chance, project: Project, system: str) -> str:
    """The project number in this system's format; sometimes missing, mistyped or a neighbour's."""
    kind = chance.share()
    if kind < 0.14:
        return ""
    serial = project.number + (chance.whole(1, 9) if kind < 0.16 else 0)
    usual, other = CODE_FORMATS[system]
    text = (usual if chance.coin(0.8) else other).format(yy=project.year % 100, yyyy=project.year, serial=serial)
    if kind < 0.18:
        at = chance.whole(len(text) - 3, len(text) - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


def name(chance: Chance, project: Project, customer: Party) -> str:
    """The project's name, abbreviated, with the customer in front or with a note behind."""
    text = project.name
    for long, short in engagements()["abbreviations"].items():
        if long in text and chance.coin(0.35):
            text = text.replace(long, short)
    if chance.coin(0.22):
        text = f"{customer.latin[0]} {text}" if chance.coin(0.6) else f"{customer.latin[0]} - {text}"
    text = dirt.typo(chance, text) if chance.coin(0.06) else text
    text += chance.one(_NAME_NOTES) if chance.coin(0.04) else ""
    return text.upper() if chance.coin(0.07) else text


def start_on(chance: Chance, project: Project) -> date | None:
    """The start as planned or as it happened, days or weeks later; unknown in one record of twelve."""
    if chance.coin(0.08):
        return None
    kind = chance.share()
    late = 0 if kind < 0.68 else chance.whole(1, 6) if kind < 0.85 else 7 * chance.whole(1, 6)
    return project.start_on + timedelta(days=late)


def end_on(chance: Chance, project: Project, started: date | None) -> date | None:
    """The end, open in one record of six, never before the start."""
    if chance.coin(0.16):
        return None
    late = 0 if chance.coin(0.7) else 7 * chance.whole(1, 12)
    ended = project.end_on + timedelta(days=late)
    return max(ended, started) if started else ended


def budget(chance: Chance, project: Project) -> str:
    """The budget, with or without a change request or a contingency; some systems do not know it."""
    if chance.coin(0.2):
        return ""
    factor = Decimal(1) if chance.coin(0.78) else chance.one((Decimal("1.1"), Decimal("0.9"), Decimal("1.25"), Decimal("1.05")))
    return f"{(project.budget * factor).normalize():f}"
