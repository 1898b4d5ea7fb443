"""The enterprise ID that a record names: read, and judged against what the hub gave out."""

from __future__ import annotations

from mdm.errors import BadInput, Problem
from mdm.rules.golden import enterprise_id

FIELD = "enterprise_id"
ENDS = {"LAPSED": "lapsed_id", "RELEASED": "released_id"}


def read(text: str) -> tuple[str, Problem | None]:
    """The ID as it is stored, or what is wrong with it."""
    try:
        return enterprise_id.parse(text), None
    except BadInput as error:
        remedy = "compare it with the original, or leave it out"
        return "", Problem(code=error.code, field=FIELD, value=text, message=error.message, remedy=remedy)


def refusal(name: str, *, prefix: str, ended: str = "", is_known: bool = True) -> Problem | None:
    """Why a record may not come in under this ID. `prefix`: of its domain; `ended`: LAPSED or RELEASED, its reservation."""
    if name.partition("-")[0] != prefix:
        return _problem(
            "wrong_domain_id", name, f"{name} is no ID of this domain; those begin with {prefix}.", "send the right one"
        )
    if ended:
        how = "lapsed" if ended == "LAPSED" else "was given back"
        return _problem(ENDS[ended], name, f"{name} was reserved and {how}; it is never used again.", "reserve another one")
    if not is_known:
        return _problem("unknown_id", name, f"{name} was never reserved or given to anything here.", "reserve one")
    return None


def stray(name: str, home: str) -> Problem:
    """A note on a record that names one ID and stands for another."""
    said = f"It names {name}, and stands for {home}: matching does not find them the same, and nothing was merged."
    return Problem(code="names_another_id", field=FIELD, value=name, message=said, remedy="decide which ID is right")


def known_already(name: str, home: str) -> Problem:
    """A note on a record that claimed a reserved ID and turned out to be known."""
    said = f"It claimed {name}, but is known as {home} already: {name} leads there."
    return Problem(code="known_already", field=FIELD, value=name, message=said, remedy=f"use {home}")


def _problem(code: str, name: str, message: str, remedy: str) -> Problem:
    return Problem(code=code, field=FIELD, value=name, message=message, remedy=f"{remedy}, or leave it out")
