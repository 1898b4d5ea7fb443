"""Legal forms: every jurisdiction has its own, each spelling is taken off, and what is not one stays two."""

import pytest

from matching.normalise import lists
from matching.normalise.countries import alpha2_codes
from matching.normalise.legal_forms import equivalents, jurisdictions, rows, spelled
from matching.normalise.organisations import organisation

ROWS = lists.table("legal_forms_by_country")
ATTACHED = [(canonical, form) for _, canonical, flags, forms in ROWS if "j" in flags for form in forms.split("|")]
BEHIND = [
    (where, canonical, form) for where, canonical, flags, forms in ROWS if not set("jn") & set(flags) for form in forms.split("|")
]
IN_FRONT = [
    (canonical, form) for _, canonical, flags, forms in ROWS if "p" in flags and "n" not in flags for form in forms.split("|")
]
NATIVE = [(canonical, form) for _, canonical, flags, forms in ROWS if "n" in flags for form in forms.split("|")]
COUNTRIES = sorted({code for where, *_ in ROWS for code in where.split()})


def test_a_global_firm_finds_its_jurisdictions_covered():
    assert len(jurisdictions()) >= 180
    assert set(jurisdictions()) <= alpha2_codes()


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_jurisdiction_has_a_form_that_is_told_from_the_name(country):
    canonical, form = next((row[1], row[3].split("|")[0]) for row in ROWS if country in row[0].split())

    assert organisation(f"Ромашка {form}")[:2] == ("romashka", canonical)


@pytest.mark.parametrize(("where", "canonical", "form"), BEHIND, ids=[f"{w[:2]}:{f!a}" for w, _, f in BEHIND])
def test_each_spelling_behind_a_name_is_taken_off(where, canonical, form):
    assert organisation(f"Zyntho {form}")[:2] == ("zyntho", canonical)


@pytest.mark.parametrize(("canonical", "form"), IN_FRONT, ids=[f"{f!a}" for _, f in IN_FRONT])
def test_each_spelling_that_is_usual_in_front_is_taken_off_there(canonical, form):
    assert organisation(f"{form} Zyntho")[:2] == ("zyntho", canonical)


@pytest.mark.parametrize(("canonical", "form"), ATTACHED, ids=[f"{f!a}" for _, f in ATTACHED])
def test_each_attached_form_is_cut_out_without_a_space(canonical, form):
    assert organisation(f"Zyntho{form}")[:2] == ("zyntho", canonical)


@pytest.mark.parametrize(("canonical", "form"), NATIVE, ids=[f"{f!a}" for _, f in NATIVE])
def test_forms_that_are_words_elsewhere_count_in_names_of_their_own_script_only(canonical, form):
    assert organisation(f"Ромашка {form}")[:2] == ("romashka", canonical)


def test_no_spelling_means_two_forms():
    meanings = {}
    for form, canonical, flags in rows():
        for phrase in () if "j" in flags else spelled(form):
            meanings.setdefault((phrase, "n" in flags), set()).add(canonical)

    assert {phrase: names for phrase, names in meanings.items() if len(names) > 1} == {}


@pytest.mark.parametrize(("one", "other"), [("ltd", "llc"), ("gmbh", "ag"), ("inc", "llc"), ("sa", "sarl")])
def test_forms_of_different_kinds_do_not_stand_for_each_other(one, other):
    assert other not in equivalents().get(one, ())


@pytest.mark.parametrize(("one", "other"), [("kk", "ltd"), ("doo", "llc"), ("sae", "sa"), ("spzoo", "ltd"), ("uab", "ltd")])
def test_a_form_stands_for_its_translation_in_both_directions(one, other):
    assert other in equivalents()[one]
    assert one in equivalents()[other]


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("AO Smith Corporation", "ao smith"),
        ("Too Faced Cosmetics", "too faced cosmetics"),
        ("Pat Smith Plumbing", "pat smith plumbing"),
        ("IP Solutions", "ip solutions"),
        ("PP Holding", "pp holdings"),
        ("Company", "company"),
        ("株式会社", "zhushihuishe"),
        ("Wu & Co. KG", "wu"),
    ],
)
def test_words_that_look_like_forms_stay(name, core):
    assert organisation(name)[0] == core
