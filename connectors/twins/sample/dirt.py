"""How real firms write things down: abbreviations, typos, other scripts, stale and wrong values. One function a value."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.twins.sample.world import identifiers
from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.truth import Party, Place
from connectors.twins.sample.world.words import countries, host_word, latin, lists

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_BEFORE_THE_NAME = ("株式会社", "有限会社", "주식회사")
_BEFORE_WITH_SPACE = ("ТОВ", "ПрАТ", "TOV")
_NOTES = (" (DO NOT USE)", " - OLD", " *duplicate*", " (inactive)", " - test", " [merged]")
_LONGEST_NAME = 80  # of a custom object in Salesforce
_SHARED_MAILBOXES = ("info", "accounts", "ap", "billing", "contact", "sales")


@dataclass(frozen=True, slots=True)
class Habits:
    """How complete and careful one system's people are: how often a value is there (0..1), and how often a name suffers."""

    tax_id: float
    lei: float
    host: float
    phone: float
    email: float
    address: float
    no_form: float
    short: float
    typo: float


HABITS = {
    "salesforce": Habits(
        tax_id=0.30, lei=0.15, host=0.88, phone=0.80, email=0.65, address=0.85, no_form=0.35, short=0.02, typo=0.12
    ),
    "netsuite": Habits(
        tax_id=0.80, lei=0.30, host=0.55, phone=0.70, email=0.55, address=0.94, no_form=0.12, short=0.01, typo=0.07
    ),
    "dynamics365": Habits(
        tax_id=0.60, lei=0.20, host=0.68, phone=0.70, email=0.55, address=0.88, no_form=0.20, short=0.015, typo=0.09
    ),
    "workday": Habits(
        tax_id=0.60, lei=0.30, host=0.40, phone=0.40, email=0.40, address=0.85, no_form=0.15, short=0.015, typo=0.05
    ),
    "delivery": Habits(
        tax_id=0.10, lei=0.02, host=0.60, phone=0.45, email=0.50, address=0.55, no_form=0.55, short=0.05, typo=0.09
    ),
}


def name(chance: Chance, party: Party, habits: Habits) -> str:
    """The party's name as someone typed it, at most as long as the shortest name field of the five systems."""
    while len(text := _typed_name(chance, party, habits)) > _LONGEST_NAME:
        pass
    return text


def _typed_name(chance: Chance, party: Party, habits: Habits) -> str:
    text = _words(chance, party, habits)
    if chance.coin(0.02):
        text = text.replace(" ", "")
    if chance.coin(habits.typo):
        text = typo(chance, typo(chance, text) if chance.coin(0.2) else text)
    if not chance.coin(habits.no_form):
        text = _with_form(chance, party, text)
    return _in_case(chance, _with_note(chance, party, text))


def place(chance: Chance, party: Party, habits: Habits) -> Place:
    """The address as this system has it, an old one now and then; empty parts are unknown."""
    if not chance.coin(habits.address):
        return Place("", party.place.city if chance.coin(0.5) else "", "")
    known = party.old_place if party.old_place and chance.coin(0.4) else party.place
    street = known.street
    if chance.coin(0.3):
        for long, short in lists()["street_abbreviations"]:
            street = street.replace(long, short)
    street = typo(chance, street) if chance.coin(0.05) else street
    street = "" if chance.coin(0.12) else street.upper() if chance.coin(0.06) else street
    city = latin(known.city) if chance.coin(0.2) else known.city
    return Place(street, city, "" if chance.coin(0.1) else known.postcode)


def country_code(chance: Chance, party: Party) -> str:
    """The country, sometimes unknown, rarely a wrong one."""
    if chance.coin(0.06):
        return ""
    return chance.one(list(countries())) if chance.coin(0.008) else party.country_code


def tax_id(chance: Chance, party: Party, *, country: str) -> str:
    """The tax number in some spelling; one in fifty is another firm's, which no check digit tells."""
    kind = chance.share()
    if country not in {"", party.country_code} or kind > 0.995:
        return "N/A" if kind > 0.995 else ""
    if kind < 0.022:
        return identifiers.tax_id(chance, party.country)
    if kind < 0.15 and country and party.tax_id[:2].isalpha():
        return party.tax_id.removeprefix("CHE" if country == "CH" else party.tax_id[:2])
    if kind < 0.35:
        return f"{party.tax_id[:4]} {party.tax_id[4:7]} {party.tax_id[7:]}"
    return party.tax_id.lower() if kind < 0.39 else party.tax_id


def website(chance: Chance, party: Party) -> str:
    """The web site as typed; one in fifty is a page on someone else's site."""
    kind = chance.share()
    if kind < 0.02:
        return str(chance.one(lists()["shared_hosts"]))
    if kind < 0.3:
        return f"www.{party.host}"
    if kind < 0.5:
        return f"https://www.{party.host}/"
    return f"http://{party.host}/en/contact" if kind < 0.55 else party.host


def phone(chance: Chance, party: Party) -> str:
    """The phone number in one of six spellings; one in eight is another extension or a mobile."""
    country = party.country
    spaced = party.phone if not chance.coin(0.12) else chance.fill(chance.one(country.phones))
    digits, code = spaced.replace(" ", ""), country.calling_code
    return chance.weighted(
        {
            f"+{code} {spaced}": 4.0,
            f"{country.trunk}{digits}": 2.0,
            f"+{code}{digits}": 2.0,
            f"00{code}-{digits[:3]}-{digits[3:]}": 1.0,
            f"({country.trunk}{digits[:3]}) {digits[3:6]}-{digits[6:]}": 1.0,
        }
    )


def email(chance: Chance, party: Party) -> str:
    """A mail address: a person, a shared mailbox or an assistant; some use a free-mail host."""
    kind = chance.share()
    someone = f"{chance.one(_LETTERS)}.{host_word(chance.early(lists()['surnames']['en']))}"
    who = party.person if kind < 0.35 else chance.one(_SHARED_MAILBOXES) if kind < 0.7 else someone
    return f"{who}@{party.host if chance.coin(0.9) else chance.one(lists()['shared_hosts'][:2])}"


def typo(chance: Chance, text: str) -> str:
    """One slip of a finger: a letter lost, swapped, replaced or doubled. Short texts are spared."""
    if len(text) < 5:
        return text
    at, kind = chance.whole(1, len(text) - 2), chance.share()
    if kind < 0.3:
        return text[:at] + text[at + 1 :]
    if kind < 0.55:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + (chance.one(_LETTERS) + text[at + 1 :] if kind < 0.8 else text[at] + text[at:])


def _words(chance: Chance, party: Party, habits: Habits) -> str:
    words = list(party.native if chance.coin(0.55) else party.latin)
    words = list(party.alias) if party.alias and chance.coin(0.4) else words
    if len(words) > 2 and chance.coin(habits.short):
        return "".join(word[0] for word in words if word != "&").upper()
    if len(words) > 1 and chance.coin(habits.short):
        words.pop()
    if chance.coin(0.22):
        words = [lists()["abbreviations"].get(word, word) for word in words]
    if len(words) > 2 and chance.coin(0.03):
        words[-2:] = words[:-3:-1]
    return " ".join(words)


def _with_form(chance: Chance, party: Party, text: str) -> str:
    form = party.form[0] if chance.coin(0.5) else chance.one(party.form)
    if chance.coin(0.015):
        form = chance.one(party.country.forms)[0]
    if form in _BEFORE_THE_NAME and chance.coin(0.6):
        return form + text
    if form in _BEFORE_WITH_SPACE:
        return f"{form} {text}"
    return text + form if form.startswith(",") else f"{text} {form}"


def _with_note(chance: Chance, party: Party, text: str) -> str:
    kind = chance.share()
    if kind < 0.012:
        return text + chance.one(_NOTES)
    if kind < 0.03:
        return text + chance.one((f" - {party.place.city}", f" ({party.country_code})", " / AP dept", " - HQ"))
    return f"The {text}" if kind < 0.04 else text


def _in_case(chance: Chance, text: str) -> str:
    kind = chance.share()
    text = text.upper() if kind < 0.12 else text.lower() if kind < 0.16 else text
    return latin(text) if not text.isascii() and chance.coin(0.3) else text
