"""The people and systems of the tests: one of each role, and Cy, who is confined."""

from __future__ import annotations

from dataclasses import dataclass

from mdm import permissions
from mdm.models import User
from mdm.rules.governance.roles import Role

NAMES = {
    Role.STEWARD: "ada",
    Role.VIEWER: "ben",
    Role.LEAD: "dee",
    Role.OWNER: "eve",
    Role.OPERATOR: "oli",
    Role.AUDITOR: "pia",
    Role.PRIVACY: "pru",
    Role.ADMIN: "zoe",
}


@dataclass(frozen=True, slots=True)
class People:
    """Ada decides, Ben looks, Cy is a steward elsewhere (domain `project`, region APAC), Zoe may do all; `hub` is the machine."""

    ada: User
    ben: User
    cy: User
    dee: User
    eve: User
    oli: User
    pia: User
    pru: User
    zoe: User
    hub: User

    def with_role(self, role: Role) -> User:
        user: User = getattr(self, NAMES[role])
        return user


def make() -> People:
    """Store them all; nobody has a password."""
    rows = {name: person(name, role) for role, name in NAMES.items()}
    return People(**rows, cy=person("cy", Role.STEWARD, domains=["project"], regions=["APAC"]), hub=permissions.machine())


def person(name: str, role: Role, *, domains: list[str] | None = None, regions: list[str] | None = None) -> User:
    """One person, confined where it is said."""
    return User.objects.create(name=name, role=role.value, domains=domains or [], regions=regions or [], password="!")
