"""Every comparator: its sentence, its symmetry, and its levels by tables."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.compare.catalogue import COMPARATORS
from matching.compare.pairs import NO_FREQUENCIES, Pairs
from matching.normalise.texts import words
from matching.types import Column, Frequencies

WORDS = Frequencies({"group": 4.0, "services": 6.0, "smith": 7.0, "bank": 5.0, "holdings": 6.0, "1080p": 5.0}, 14.0)
UNSURE_SCHEME = "different numbers, perhaps of different schemes"
SAME_DOOR = "same street, number and postcode or town"
# Texts that standardising can give, by role; any other role takes words.
DAYS = ["19710624", "19712406", "19710625", "19710630", "19710101", "19750101", "19010101", "20260131", "19710231"]
SERIES = ["1", "2", "1 2026", "2026"]
SAMPLES = {"day": DAYS, "start": DAYS, "end": DAYS, "series": SERIES}
AMOUNTS = ["100", "101", "109", "125", "500", "0", "-5"]
TEXTS = [
    "kx100",
    "kx1000",
    "acme",
    "acme group",
    "acmee group",
    "smith bank",
    "smith",
    "international business machines",
    "ibm",
    "a",
    "anna maria",
]


def pairs(comparator, *rows, words=NO_FREQUENCIES):
    """Two records or more; compares the first with the second. `rows`: mappings of role to text."""
    roles = {role for row in rows for role in row} | set(COMPARATORS[comparator].roles)
    columns = {role: Column.of([row.get(role) for row in rows]) for role in roles}
    return Pairs(columns, np.array([0], np.int32), np.array([1], np.int32), words)


def label(comparator, one, other, words=WORDS):
    """The label of the level that two records reach, None when they could not be compared."""
    level = int(COMPARATORS[comparator].function(pairs(comparator, one, other, words=words))[0])
    return COMPARATORS[comparator].levels[level - 1] if level else None


def name(one, other):
    return label("organisation_name", {"name": one}, {"name": other})


@pytest.mark.parametrize("comparator", COMPARATORS)
def test_a_comparator_says_what_it_looks_for(comparator):
    sentence = COMPARATORS[comparator].sentence

    assert sentence.endswith(".")
    assert len(sentence) > 30


@pytest.mark.timed
@pytest.mark.parametrize("comparator", COMPARATORS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_comparator_is_symmetric_and_stays_within_its_levels(comparator, data):
    known = COMPARATORS[comparator]
    values = {role: AMOUNTS if comparator == "amount" else SAMPLES.get(role, TEXTS) for role in (*known.roles, *known.optional)}
    rows = [{role: data.draw(st.sampled_from([None, *texts])) for role, texts in values.items()} for _ in range(6)]
    columns = {role: Column.of([row[role] for row in rows]) for role in values}
    left, right = (np.array([data.draw(st.integers(0, 5)) for _ in range(8)], np.int32) for _ in range(2))

    there = known.function(Pairs(columns, left, right, WORDS))
    back = known.function(Pairs(columns, right, left, WORDS))

    assert there.tolist() == back.tolist()
    assert there.dtype == np.int8
    assert there.min() >= 0
    assert there.max() <= len(known.levels)


WORDS_OF_ANY_SCRIPT = st.text(max_size=30).map(lambda text: " ".join(words(text))).filter(bool)
NUMBERED = {"day", "start", "end", "series"}


@pytest.mark.timed
@pytest.mark.parametrize("comparator", [name for name in COMPARATORS if name != "amount"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_comparator_takes_words_of_any_script_and_says_the_same_both_ways_and_again(comparator, data):
    known = COMPARATORS[comparator]
    roles = (*known.roles, *known.optional)
    drawn = {role: st.sampled_from(SAMPLES[role]) if role in NUMBERED else WORDS_OF_ANY_SCRIPT for role in roles}
    rows = [{role: data.draw(st.none() | drawn[role]) for role in roles} for _ in range(4)]
    columns = {role: Column.of([row[role] for row in rows]) for role in roles}
    left, right = (np.array(numbers, np.int32) for numbers in zip(*product(range(4), repeat=2), strict=True))

    there = known.function(Pairs(columns, left, right, WORDS))
    back = known.function(Pairs({role: Column.of(column.cells()) for role, column in columns.items()}, right, left, WORDS))

    assert there.tolist() == back.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("chaykovskiy", "tchaikovsky"),
        ("yandeks", "yandex"),
        ("ftym motors", "futtaim motors"),
        ("rjhy", "rajhi"),
        ("lumy", "leumi"),
    ],
)
def test_romanisations_of_one_name_are_the_same_but_for_spelling(one, other):
    assert name(one, other).startswith("same but for spelling")


@pytest.mark.parametrize(("one", "other"), [("marina", "moreno"), ("tanzor", "tunisar"), ("sony", "siemens")])
def test_names_with_vowels_are_not_compared_by_their_consonants_alone(one, other):
    assert name(one, other) == "nothing in common"


@pytest.mark.parametrize("comparator", COMPARATORS)
def test_no_pairs_are_no_levels_and_nothing_known_is_level_0(comparator):
    known = COMPARATORS[comparator]
    columns = {role: Column.of([None, None]) for role in known.roles}
    none = np.zeros(0, np.int32)

    assert known.function(Pairs(columns, none, none)).tolist() == []
    assert known.function(Pairs(columns, np.array([0], np.int32), np.array([1], np.int32))).tolist() == [0]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("zyntho pharmix", "pharmix zyntho", "same words, a rare name"),
        ("acme", "acme", "same words"),
        ("smith", "smith", "same words, a common name"),
        ("blue stone", "bluestone", "same words"),
        ("zyntho pharmix", "zynhto pharmix", "same but for spelling, a rare name"),
        ("acmeco", "acmeko", "same but for spelling"),
        ("zyntho pharmix", "zyntho pharmix group", "one has an extra general word, the rest rare"),
        ("acme", "acme holdings", "one has an extra word that tells companies of a group apart"),
        ("acme", "acme germany", "one has an extra word that tells companies of a group apart"),
        ("acme", "acme quux", "one has an extra word"),
        ("smith", "smith quux", "one has an extra word, the rest common"),
        ("acme quux", "acme tanzor", "share rare words, differ in others"),
        ("smith bank", "smith tanzor", "share only common words"),
        ("ibm", "international business machines", "one is the other's initials"),
        ("acme", "tanzor", "nothing in common"),
        ("acme", None, None),
    ],
)
def test_names_of_organisations_by_what_they_share(one, other, expected):
    assert name(one, other) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zyntho pharmix fund 2", "zyntho pharmix fund 3"),
        ("zyntho pharmix 1001", "zyntho pharmix 1002"),
        ("zyntho pharmix austria", "zyntho pharmix australia"),
        ("quux tanzor center east", "quux tanzor center west"),
        ("zyntho tanzor import", "zyntho tanzor export"),
    ],
)
def test_another_number_country_or_side_is_no_slip_of_spelling(one, other):
    assert name(one, other) == "share rare words, differ in others"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zyntho pharmix austria", "zyntho pharmix austira"),
        ("zyntho pharmix fund 2", "zynhto pharmix fund 2"),
        ("zyntho pharmix italia", "zyntho pharmix italy"),
    ],
)
def test_a_slip_in_such_a_name_is_one(one, other):
    assert name(one, other) == "same but for spelling, a rare name"


def test_a_short_country_behind_a_name_is_no_slip_but_an_extra_word():
    assert name("acme consulting", "acme consulting uk") == "one has an extra word that tells companies of a group apart"


@pytest.mark.parametrize(
    ("comparator", "one", "other", "expected"),
    [
        ("legal_form", {"forms": "kk"}, {"forms": "ltd"}, "legal forms that may stand for each other"),
        ("legal_form", {"forms": "gmbh"}, {"forms": "ag"}, "different legal forms"),
        ("identifier", {"number": "123456789", "scheme": "DE"}, {"number": "123456789", "scheme": "DE"}, "same number"),
        (
            "identifier",
            {"number": "123456789", "scheme": "DE"},
            {"number": "123456798", "scheme": "DE"},
            "same but for one character",
        ),
        ("identifier", {"number": "123456789", "scheme": "DE"}, {"number": "987654321", "scheme": "DE"}, "different numbers"),
        ("identifier", {"number": "123456789", "scheme": "DE"}, {"number": "987654321", "scheme": "FR"}, UNSURE_SCHEME),
        (
            "web_site",
            {"site": "a.com", "label": "a", "mailbox": "x@a.com"},
            {"site": "a.com", "label": "a", "mailbox": "x@a.com"},
            "same mailbox",
        ),
        ("web_site", {"site": "a.com", "label": "a"}, {"site": "a.com", "label": "a"}, "same site"),
        ("web_site", {"site": "a.com", "label": "a"}, {"site": "a.de", "label": "a"}, "same site name, other ending"),
        ("web_site", {"site": "a.com", "label": "a"}, {"site": "b.de", "label": "b"}, "different sites"),
        ("phone", {"local": "3865286"}, {"number": "123865286", "local": "3865286"}, "same number without its area"),
        ("phone", {"number": "993865286", "local": "3865286"}, {"number": "123865286", "local": "3865286"}, "different numbers"),
        (
            "place",
            {"street": "haupt", "house": "1", "city": "bonn"},
            {"street": "haupt", "house": "1", "city": "bonn"},
            SAME_DOOR,
        ),
        ("place", {"house": "1", "postcode": "53"}, {"house": "1", "postcode": "53", "street": "x"}, "same number and postcode"),
        (
            "place",
            {"street": "haupt", "postcode": "53"},
            {"street": "haupt", "postcode": "53", "house": "2"},
            "same street and postcode",
        ),
        ("place", {"postcode": "53"}, {"postcode": "53", "street": "x"}, "same postcode, street not known on both sides"),
        ("place", {"postcode": "53", "street": "y"}, {"postcode": "53", "street": "x"}, "same postcode, different street"),
        ("place", {"city": "bonn"}, {"city": "bonn", "street": "x"}, "same town, street not known on both sides"),
        ("place", {"city": "bonn", "street": "y"}, {"city": "bonn", "street": "x"}, "same town, different street"),
        ("place", {"city": "bonn"}, {"city": "kiel"}, "different places"),
        ("postcode", {"postcode": "TQ138DF"}, {"postcode": "TQ138DG"}, "postcodes differ in one character"),
        ("postcode", {"postcode": "TQ138DF"}, {"postcode": "TQ199XX"}, "same beginning"),
        ("birth_day", {"day": "19710624"}, {"day": "19712406"}, "day and month swapped"),
        ("birth_day", {"day": "19710624"}, {"day": "19710634"}, "one digit wrong"),
        ("birth_day", {"day": "19710624"}, {"day": "19710601"}, "same month and year"),
        ("birth_day", {"day": "19710624"}, {"day": "19711201"}, "same year"),
        ("birth_day", {"day": "19710624"}, {"day": "19691201"}, "within ten years"),
        ("birth_day", {"day": "19710624"}, {"day": "19291201"}, "different"),
        ("period", {"start": "20250101"}, {"start": "20250101"}, "same start or end"),
        ("period", {"start": "20250101"}, {"start": "20250201"}, "within 45 days"),
        ("period", {"start": "20250101", "end": "20250601"}, {"start": "20260101", "end": "20260601"}, "within a year"),
        ("period", {"start": "20250231"}, {"start": "20250201"}, None),
        ("given_name", {"name": "bob", "root": "robert"}, {"name": "robert", "root": "robert"}, "short form of the same name"),
        ("given_name", {"name": "r", "root": "r"}, {"name": "robert", "root": "robert"}, "same initial, one abbreviated"),
        (
            "given_name",
            {"name": "kelly", "root": "kelly", "other": "grace"},
            {"name": "grace", "root": "grace", "other": "kelly"},
            "names swapped",
        ),
        (
            "surname",
            {"name": "grace", "sound": "g620", "other": "kelly"},
            {"name": "kelly", "sound": "k400"},
            "names swapped",
        ),
        (
            "given_name",
            {"name": "russell", "root": "russell", "other": "sofia"},
            {"name": "sosfia", "root": "sosfia", "other": "russell"},
            "names swapped",
        ),
        (
            "surname",
            {"name": "thomas", "sound": "t520", "other": "anna"},
            {"name": "smith", "sound": "s530", "other": "thomas"},
            "different",
        ),
        ("surname", {"name": "alan", "sound": "a450"}, {"name": "allen", "sound": "a450"}, "sounds alike"),
        ("surname", {"name": "kelly", "sound": "k400"}, {"name": "smith", "sound": "s530"}, "different"),
        ("full_name", {"name": "anna maria berg"}, {"name": "berg anna maria"}, "same words"),
        ("full_name", {"name": "anna berg"}, {"name": "berg"}, "one has more words"),
        ("project_series", {"series": "1"}, {"series": "2"}, "different numbers"),
        ("project_series", {"series": "1"}, {}, "only one has a number"),
        ("project_series", {"series": "1"}, {"series": "1 2026"}, "one names more numbers"),
        ("project_code", {"code": "PRJ0417", "number": "417"}, {"code": "P417", "number": "417"}, "same number inside the code"),
        ("project_code", {"code": "ABCD"}, {"code": "ABCE"}, "same but for one character"),
        ("project_name", {"name": "data migration erp"}, {"name": "data migration"}, "one has more words"),
        ("email", {"mailbox": "a@x.com", "user": "a"}, {"mailbox": "a@y.org", "user": "a"}, "same name before the @"),
        ("amount", {"value": "100"}, {"value": "101"}, "within 2 percent"),
        ("amount", {"value": "100"}, {"value": "500"}, "different amounts"),
        ("shared_text", {"value": "tob165"}, {"value": "tob195"}, "hardly any words shared"),
        ("shared_text", {"value": "architect"}, {"value": "architetc"}, "same but for spelling"),
        ("shared_text", {"value": "naval architect"}, {"value": "painter"}, "hardly any words shared"),
        ("shared_codes", {"value": "1080p kxtg6700b"}, {"value": "kxtg6700b"}, "share a rare code"),
        ("shared_codes", {"value": "1080p kxtg6700b"}, {"value": "1080p tob165wh"}, "share a common code"),
        ("shared_codes", {"value": "1080p kxtg6700b"}, {"value": "1080p kxtg6700"}, "one has a longer form of a code"),
        ("shared_codes", {"value": "tob165wh"}, {"value": "tob195wh"}, "a code differs in one character"),
        ("shared_codes", {"value": "1080p kxtg6700b"}, {"value": "tc60"}, "no code in common"),
        ("shared_codes", {"value": "kxtg6700b"}, {}, None),
        ("similar_text", {"value": "cleveland"}, {"value": "clevelnad"}, "same but for a letter"),
        ("same_value", {"value": "a"}, {"value": "b"}, "different"),
    ],
)
def test_two_records_reach_the_level_that_a_person_would_name(comparator, one, other, expected):
    assert label(comparator, one, other) == expected


def test_more_pairs_than_are_worth_counting_one_by_one_give_the_same_levels():
    rng = np.random.default_rng(1)
    column = Column.of([TEXTS[number] for number in rng.integers(0, len(TEXTS), 300)])
    left, right = (rng.integers(0, 300, 5000).astype(np.int32) for _ in range(2))
    function = COMPARATORS["organisation_name"].function

    together = function(Pairs({"name": column}, left, right, WORDS))
    apart = np.concatenate(
        [function(Pairs({"name": column}, left[at : at + 500], right[at : at + 500], WORDS)) for at in range(0, 5000, 500)]
    )

    assert together.tolist() == apart.tolist()


def test_the_order_of_the_codes_does_not_matter_at_the_edge_of_a_level():
    # 0.1 + 0.2 + 19.7 is 20 or a little less, by the order of adding; on the grid it is one or the other, always.
    words = Frequencies({"aa": 0.1, "bb": 0.2, "cc": 19.7, "dd": 3.3}, 14.0)
    names = ["aa bb cc", "cc bb aa dd", "bb aa cc"]

    found = set()
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        column = Column.of([names[number] for number in order])
        one, other = order.index(0), order.index(1)
        pair = Pairs({"name": column}, np.array([one], np.int32), np.array([other], np.int32), words)
        found.add(int(COMPARATORS["organisation_name"].function(pair)[0]))

    assert len(found) == 1
