"""Match keys and the pairs they make."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.blocking.forms import FORMS
from matching.blocking.hashing import hashed
from matching.blocking.ingredients import enough, offers
from matching.blocking.keys import keys
from matching.blocking.pairs import pairs
from matching.config.load import load_model
from matching.pipeline.steps import standardise
from matching.pipeline.train import with_common_keys
from matching.types import Column, Frequencies, Keys

TABLE = Frequencies({"group": 4.0, "smith": 7.0}, 14.0)
CUSTOMER = load_model("customer")
COMMON = load_model(
    {
        "name": "common",
        "attributes": {"name": {"kind": "text"}},
        "keys": {"name": {"parts": ["name.words"], "common": "keys"}},
        "comparisons": {"name": {"comparator": "same_value", "inputs": {"value": "name.words"}, "weights": [5, -5]}},
        "prior": -2,
        "thresholds": {"auto": 0.9, "review": 0.5},
        "frequencies": {"keys": {"unlisted": 14, "bits": {}}},
    }
)


def customer(**columns):
    return standardise(CUSTOMER, columns)


def shared(std):
    """Families of keys that the first two records share."""
    made = keys(CUSTOMER, std)
    mine, theirs = (set(made.key[made.row == row].tolist()) for row in (0, 1))
    return {made.families[f] for f, k in zip(made.family.tolist(), made.key.tolist(), strict=True) if k in mine & theirs}


def made(form, value):
    """What the form makes of one value: (number, bits), as many as there are."""
    found = FORMS[form](Column.of([value]), TABLE)
    numbers, bits = (part[0][found.present[0]].tolist() for part in (found.hashes, found.bits))
    return list(zip(numbers, bits, strict=True))


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("whole", "smith", [("smith", 7.0)]),
        ("rarest", "smith zyx group", [("zyx", 14.0)]),
        ("rarest", "", []),
        ("second", "smith zyx group", [("zyx", 14.0), ("smith", 7.0)]),
        ("second", "zyx", [("zyx", 14.0)]),
        ("pair", "zyx", []),
        ("joined", "blue stone", [("bluestone", 28.0)]),
        ("joined", "abc", []),
        ("head4", "ab cdef", [("abcd", 10.0)]),
        ("head6", "abc", []),
        ("initials", "international business machines", [("ibm", 10.0)]),
        ("initials", "ibm", [("ibm", 10.0)]),
        ("initials", "a b c d e f", []),
        ("consonants", "yandeks", [("ndks", 10.0)]),
        ("consonants", "yandex", [("ndks", 10.0)]),
        ("consonants", "smith group", [("smtgrf", 11.0)]),
        ("consonants", "aeiou", []),
        ("initials", "acme corp", []),
        ("words", "smith zyx", [("zyx", 14.0), ("smith", 7.0)]),
        ("halves", "pharmix", [("<phar", 10.0), (">rmix", 10.0), ("phamix", 14.0)]),
        ("halves", "abc", []),
        ("sound", "robert", [("r163", 8.0)]),
        ("sound", "42", []),
        ("year", "19710624", [("1971", 6.0)]),
        ("year", "71", []),
    ],
)
def test_a_form_gives_texts_with_the_bits_they_tell(form, value, expected):
    assert made(form, value) == [(int(hashed([text])[0]), bits) for text, bits in expected]


@pytest.mark.parametrize(
    ("form", "one", "other", "bits"),
    [("sorted", "zyx smith zyx", "smith zyx", 21.0), ("pair", "smith zyx group", "group zyx smith", 21.0)],
)
def test_several_words_together_have_no_order(form, one, other, bits):
    assert made(form, one) == made(form, other)
    assert [size for _, size in made(form, one)] == [bits]


def test_the_words_of_many_texts_are_kept_apart():
    """What a column of many values gives is what each gives alone."""
    values = ["zyx smith", "", "smith", "group smith zyx", "abcdefgh zyx", "smith"]

    for form in FORMS:
        together = FORMS[form](Column.of([*values]), TABLE)
        for place, value in enumerate(dict.fromkeys(values)):
            there = together.present[place]
            assert together.hashes[place][there].tolist() == [number for number, _ in made(form, value)]
            assert together.bits[place][there].tolist() == [bits for _, bits in made(form, value)]


def test_a_rare_name_alone_brings_records_together():
    assert "name" in shared(customer(name=["Zyntho Pharmix GmbH", "PHARMIX ZYNTHO"]))


def test_a_common_name_needs_something_else():
    bare = customer(name=["Germany GmbH", "Germany GmbH"], country=["DE", "DE"])
    placed = customer(name=["Germany GmbH", "Germany GmbH"], postcode=["10115", "10115"])

    assert shared(bare) == set()
    assert "word_postcode" in shared(placed)


def test_native_and_latin_spelling_meet_by_transliteration_or_by_identifier():
    assert shared(customer(name=["Газпромнефтьхим", "Gazpromneftkhim"], country=["RU", "RU"]))
    assert "site" in shared(customer(name=["田中商事", "Tanaka Trading"], domain=["tanaka-shoji.co.jp"] * 2))
    assert "tax_id" in shared(customer(name=["田中商事", "Tanaka Trading"], tax_id=["JP7000012050002"] * 2))


def test_one_typing_error_in_a_rare_name_does_not_part_records():
    assert shared(customer(name=["Zynthopharm", "Zyntohpharm"], country=["DE", "DE"]))


@pytest.mark.parametrize(
    ("one", "other", "family", "place"),
    [
        ("IBM", "International Business Machines Corp", "acronym_city", {"city": "Armonk"}),
        ("IBM", "International Business Machines Corp", "acronym_postcode", {"postcode": "10504"}),
        ("ADNOC", "Alpha Delta North Oil Corporation PLC", None, {}),
        ("ABCDE Ltd", "Alpha Beta Carbon Delta Epsilon Ltd", "acronym_country", {"country": "GB"}),
        ("Газпромнефть", "Gazpromneft'", "romanised_country", {"country": "RU"}),
        ("Яндекс Маркет", "Yandex Market", "romanised_country", {"country": "RU"}),
        ("شركة الفطيم موتورز", "Al Futtaim Motors", "romanised_country", {"country": "AE"}),
        ("Müller Präzision GmbH", "MUELLER PRAEZISION", "name", {}),
        ("Ørsted Salg A/S", "Oersted Salg", "name", {}),
    ],
    ids=["city", "postcode", "nothing", "country", "ru", "ru-x", "ar", "umlaut", "slash"],
)
def test_initials_and_other_spellings_meet_with_support(one, other, family, place):
    found = shared(customer(name=[one, other], **{name: [value] * 2 for name, value in place.items()}))

    assert (family in found) if family else not found


def test_free_mail_and_placeholders_make_no_key():
    made = keys(
        CUSTOMER, customer(name=["N/A", "-"], email=["info@gmail.com"] * 2, domain=["facebook.com/x"] * 2, phone=["0000000"] * 2)
    )

    assert len(made.row) == 0


@pytest.mark.timed
def test_keys_are_the_same_in_another_process():
    code = (
        "import matching; m = matching.load_model('customer');"
        "c = {'name': ['Zyntho Pharmix Quux Services'], 'city': ['Zug'], 'country': ['CH']};"
        "print(matching.keys(m, matching.standardise(m, c)).key.tolist())"
    )

    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )

    assert elsewhere.stdout.strip() == str(
        keys(CUSTOMER, customer(name=["Zyntho Pharmix Quux Services"], city=["Zug"], country=["CH"])).key.tolist()
    )


def test_keys_never_change():
    # These numbers stand in databases: a change of them needs a re-keying migration, so it must not happen by accident.
    made = keys(CUSTOMER, customer(lei=["5493001KJTIIGC8Y1R12"]))

    assert made.key.tolist() == [LEI_KEY]


LEI_KEY = -884497135673719159


def test_an_entry_is_there_once():
    made = keys(CUSTOMER, customer(name=["Zyntho Zyntho"], country=["DE"]))

    assert len(set(made.key.tolist())) == len(made.key)


@pytest.mark.timed
@settings(max_examples=40, deadline=None)
@given(entries=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5)), max_size=40), chunk=st.integers(1, 30))
def test_pairs_are_all_that_share_a_key_once_whatever_the_chunk(entries, chunk):
    row, key = (np.array([entry[place] for entry in set(entries)], kind) for place, kind in ((0, np.int32), (1, np.int64)))
    made = Keys(row, key, np.zeros(len(row), np.int16), ("k",))
    by_key = {}
    for one, number in set(entries):
        by_key.setdefault(number, set()).add(one)
    expected = sorted({pair for rows in by_key.values() for pair in combinations(sorted(rows), 2)})

    found = [pair for left, right in pairs(made, chunk=chunk) for pair in zip(left.tolist(), right.tolist(), strict=True)]

    assert sorted(found) == expected


def test_a_key_that_is_listed_as_common_is_not_made_and_says_so():
    learned = with_common_keys(COMMON, standardise(COMMON, {"name": ["zyntho"] * 30 + ["quux"] * 3}), 120)

    std = standardise(learned, {"name": ["zyntho", "quux"]})

    assert keys(learned, std).row.tolist() == [1]  # 30 of 33 make over a hundred of 120
    (held,) = offers(learned, learned.keys[0], {"name.words": "zyntho"})
    assert (held.text, held.is_common, enough((held,))) == ("zyntho", True, ())
    assert held.bits == pytest.approx(0.14, abs=0.01)


def test_a_small_population_holds_nothing_back():
    assert with_common_keys(COMMON, standardise(COMMON, {"name": ["zyntho"] * 30}), 30).frequencies["keys"].bits == {}


def test_common_keys_survive_being_written_and_read():
    learned = with_common_keys(COMMON, standardise(COMMON, {"name": ["zyntho"] * 30}), 1000)

    assert load_model(learned.to_dict()) == learned
    assert len(learned.frequencies["keys"].bits) == 1
