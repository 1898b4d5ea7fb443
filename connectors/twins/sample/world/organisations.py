"""Invents organisations: names with a trading stem, numbers, addresses, and groups whose members look alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors.twins.sample.world import identifiers
from connectors.twins.sample.world.chance import Chance
from connectors.twins.sample.world.truth import Party, Place
from connectors.twins.sample.world.words import Country, countries, host_word, lists

_OTHER_SCRIPTS = ("ja", "zh", "ko", "uk", "el")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TERMS = {"NET30": 6.0, "NET14": 2.0, "NET45": 2.0, "NET60": 2.0, "NET90": 0.5, "DUE": 0.7}
_INDUSTRIES = (
    "Manufacturing",
    "Financial Services",
    "Energy",
    "Retail",
    "Public Sector",
    "Healthcare",
    "Technology",
    "Transport",
    "Real Estate",
)


@dataclass(frozen=True, slots=True)
class Stem:
    """The words a firm trades under. `is_coined`: an invented word that no unrelated firm would use."""

    native: tuple[str, ...]
    latin: tuple[str, ...]
    is_coined: bool


class Inventor:
    """Makes parties out of one stream of chance; every party gets the next id with the given prefix."""

    def __init__(self, chance: Chance, prefix: str) -> None:
        self.chance = chance
        self._prefix = prefix
        self._made = 0
        self._weights = {code: country.weight for code, country in countries().items()}

    def country(self) -> Country:
        """Any country, the big economies more often."""
        return countries()[self.chance.weighted(self._weights)]

    def stem(self, country: Country) -> Stem:
        """Trading words: an invented brand, a family name, a noun or a city, mostly with an industry behind."""
        first, is_coined = self._first_words(country)
        words = [*first]
        if self.chance.coin(0.78) or len(words[0]) < 4:
            words += self._industry(country, at_least=1)
        native = tuple(words)
        if country.language in _OTHER_SCRIPTS and not native[0].isascii():
            surname = self.chance.early(lists()["surnames"]["en"])
            return Stem(native, (surname, *self._industry(countries()["US"], at_least=1)), False)
        return Stem(native, native, is_coined)

    def party(self, country: Country, stem: Stem, *, qualifier: str = "", group: str = "", like: Party | None = None) -> Party:
        """One organisation. With `like`, it shares web site, switchboard, address or VAT group with that sister now and then."""
        chance = self.chance
        self._made += 1
        number = identifiers.tax_id(chance, country)
        extra = (qualifier,) if qualifier else ()
        made = Party(
            id=f"{self._prefix}{self._made:05d}",
            country_code=country.code,
            native=stem.native + extra,
            latin=stem.latin + extra,
            form=chance.early(country.forms, 1.5),
            place=self.place(country),
            old_place=self.place(country) if chance.coin(0.12) else None,
            tax_id=number,
            lei=identifiers.lei(chance) if chance.coin(0.15) else "",
            duns=identifiers.duns(chance),
            registration_no=identifiers.registration_no(chance, country, number),
            host=self._host(country, stem),
            phone=chance.fill(chance.one(country.phones)),
            person=f"{chance.one(_LETTERS)}.{host_word(chance.early(lists()['surnames']['en']))}",
            alias=self.stem(country).latin if chance.coin(0.04) else (),
            group=group,
            status=chance.weighted({"active": 8.0, "prospect": 1.5, "inactive": 0.8}),
            industry=chance.one(_INDUSTRIES),
            currency=country.currency,
            payment_terms=chance.weighted(_TERMS),
        )
        return self._share(made, like) if like else made

    def place(self, country: Country) -> Place:
        """An address as one would write it there."""
        chance = self.chance
        street, number = chance.one(country.streets), str(chance.whole(1, 259))
        line = f"{number} {street}" if country.number_first else f"{street} {number}"
        if chance.coin(0.15):
            line += chance.one((", Floor {}", ", Suite {}", ", Unit {}", " /{}")).format(chance.whole(1, 29))
        return Place(line, chance.one(country.cities), chance.fill(country.postcode))

    def _first_words(self, country: Country) -> tuple[list[str], bool]:
        chance, kind = self.chance, self.chance.share()
        names = lists()["surnames"][country.language]
        if kind < 0.38:
            brand = "".join(chance.some(lists()["syllables"], chance.one((2, 2, 3, 3, 3, 4)))).capitalize()
            return [brand], len(brand) > 5
        if kind < 0.72:
            return [chance.early(names, 0.6), *self._and_partner(names)], False
        if kind < 0.86:
            return chance.some(lists()["nouns"], 2 if chance.coin(0.35) else 1), False
        return [chance.one(country.cities)], False

    def _and_partner(self, names: list[str]) -> list[str]:
        if self.chance.coin(0.22):
            return ["&", self.chance.early(names, 0.6)]
        return ["&", self.chance.one(("Sons", "Partners", "Associates", "Co"))] if self.chance.coin(0.1) else []

    def _industry(self, country: Country, *, at_least: int) -> list[str]:
        chance, english = self.chance, lists()["industries"]["en"]
        own = lists()["industries"].get(country.language, english) if chance.coin(0.6) else english
        more = [chance.early(english, 0.8)] if chance.coin(0.18) else []
        return [*(chance.early(own, 0.8) for _ in range(at_least)), *more]

    def _host(self, country: Country, stem: Stem) -> str:
        chance = self.chance
        words = [host_word(word) for word in stem.latin if word != "&"]
        base = words[0] if len(words) == 1 or (stem.is_coined and chance.coin(0.6)) else "".join(words[:2])
        if not stem.is_coined or len(base) < 7 or chance.coin(0.1):
            # Unrelated firms never share a site, so a common name gets a tail that tells it apart.
            tail = "".join(chance.one(_LETTERS) for _ in range(3))
            base += tail if chance.coin(0.5) else f"-{host_word(chance.one(country.cities))[:6]}{chance.digits(2)}"
        return f"{base}.{country.tld if chance.coin(0.65) else 'com'}"

    def _share(self, made: Party, like: Party) -> Party:
        chance, is_neighbour = self.chance, made.country_code == like.country_code
        made = replace(made, host=like.host) if chance.coin(0.5) else made
        made = replace(made, place=like.place) if is_neighbour and chance.coin(0.35) else made
        made = replace(made, phone=like.phone) if is_neighbour and chance.coin(0.35) else made
        return replace(made, tax_id=like.tax_id) if is_neighbour and chance.coin(0.08) else made


def customers(chance: Chance, count: int) -> list[Party]:
    """`count` customers: single firms, corporate groups, franchises and homonyms that have nothing to do with each other."""
    inventor, made = Inventor(chance, "CUSTOMER-"), list[Party]()
    while len(made) < count:
        country = inventor.country()
        stem = inventor.stem(country)
        first = inventor.party(country, stem, group=f"group-{len(made)}")
        made += [first, *_relatives(inventor, stem, first)]
    return made[:count]


def _relatives(inventor: Inventor, stem: Stem, first: Party) -> Iterator[Party]:
    kind = inventor.chance.share()
    if kind < 0.11:
        yield from _sisters(inventor, stem, first)
    elif kind < 0.125:
        yield from _branches(inventor, stem, first)
    elif kind < 0.155:
        # A namesake elsewhere.
        yield inventor.party(inventor.country(), Stem(stem.latin, stem.latin, stem.is_coined))


def _sisters(inventor: Inventor, stem: Stem, first: Party) -> Iterator[Party]:
    chance = inventor.chance
    for qualifier in chance.some(lists()["qualifiers"], chance.one((1, 1, 1, 2, 2, 3, 5))):
        country = first.country if chance.coin(0.55) else inventor.country()
        abroad = country.code != first.country_code
        here = lists()["country_qualifiers"].get(country.code, country.name)
        word = qualifier if not abroad or chance.coin(0.4) else here if chance.coin(0.75) else ""
        words = Stem(stem.latin, stem.latin, stem.is_coined) if abroad else stem
        sister = inventor.party(country, words, qualifier=word, group=first.group, like=first)
        yield replace(sister, parent=first.id)


def _branches(inventor: Inventor, stem: Stem, first: Party) -> Iterator[Party]:
    chance = inventor.chance
    for city in chance.some(first.country.cities, chance.whole(3, 8)):
        branch = inventor.party(first.country, stem, qualifier=city if chance.coin(0.75) else "", group=first.group)
        branch = replace(branch, host=first.host) if chance.coin(0.8) else branch
        yield replace(branch, form=first.form, place=replace(branch.place, city=city), parent=first.id)
