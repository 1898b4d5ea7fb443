"""Who may do what: by verb, by domain, by region."""

from __future__ import annotations

from mdm.errors import NotAllowed
from mdm.models import User
from mdm.rules.governance import roles

SYSTEM_NAME = "concord"


def check(actor: User, verb: str, *, domain: str = "") -> None:
    """Refuse unless `actor` may `verb`, in `domain` where one is named.

    Raises:
        NotAllowed: with the roles that may.
    """
    if not actor.is_active:
        raise NotAllowed(f"{actor.name} is switched off.")
    if not roles.may(roles.Role(actor.role), verb):
        able = ", ".join(role.value.lower() for role in roles.who_may(verb))
        raise NotAllowed(f"Your role ({actor.role.lower()}) may not do this ({verb}); it takes one of: {able}.")
    if domain and actor.domains and domain not in actor.domains:
        raise NotAllowed(f"You work in {', '.join(sorted(actor.domains))}; {domain} is not among them.")


def can(actor: User, verb: str, *, domain: str = "") -> bool:
    """Whether `check` would pass."""
    try:
        check(actor, verb, domain=domain)
    except NotAllowed:
        return False
    return True


def check_region(actor: User, regions: list[str]) -> None:
    """Refuse when a golden record lies in none of the regions the actor is confined to.

    Raises:
        NotAllowed: the record is in another region.
    """
    if actor.regions and not set(actor.regions) & set(regions):
        raise NotAllowed(f"This record belongs to {', '.join(sorted(regions)) or 'no region'}, outside your regions.")


def machine() -> User:
    """The hub itself as an actor: schedules, sync and re-matching act in its name."""
    user, _ = User.objects.get_or_create(
        name=SYSTEM_NAME, defaults={"kind": "system", "role": roles.Role.ADMIN.value, "title": "The hub", "password": "!"}
    )
    return user
