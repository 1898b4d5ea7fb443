"""Whole populations: what is refused, what is reported, and training on columns."""

import pytest

import matching
from matching.blocking.report import FamilyReport
from matching.pipeline import resolve as resolving
from matching.pipeline import train as training

MODEL = matching.load_model("customer")
COLUMNS = {"name": ["Zyntho Pharmix GmbH"] * 4, "domain": ["zyntho.de"] * 4}


def test_what_the_key_families_gave_is_reported():
    found = matching.resolve(MODEL, COLUMNS, ids=list("abcd"))

    assert found.families["site"] == FamilyReport(keys=1, largest_block=4, pairs=6)
    assert found.pairs_compared == 6
    assert "phone" not in found.families


def test_a_key_that_has_outgrown_its_release_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(resolving, "MOST_PAIRS", 5)

    with pytest.raises(matching.BadInput, match="the key site is shared by up to 4 records and proposes 6 pairs"):
        matching.resolve(MODEL, COLUMNS, ids=list("abcd"))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"ids": list("abc")}, "column name has 4 rows and there are 3 ids"),
        ({"ids": list("aacd")}, "ids must be unique"),
        ({"ids": list("abcd"), "link": ["l"]}, "the link column has 1 rows"),
    ],
    ids=["length", "twice", "link"],
)
def test_what_does_not_fit_together_is_refused(more, problem):
    with pytest.raises(matching.BadInput, match=problem):
        matching.resolve(MODEL, COLUMNS, **more)


def test_chunks_of_pairs_change_nothing(monkeypatch):
    whole = matching.resolve(MODEL, COLUMNS, ids=list("abcd"))
    monkeypatch.setattr(resolving.portions, "__kwdefaults__", {"chunk": 1})

    parts = matching.resolve(MODEL, COLUMNS, ids=list("abcd"))

    assert parts.clusters.labels.tolist() == whole.clusters.labels.tolist()
    assert parts.pairs_compared == whole.pairs_compared


def test_candidates_are_thinned_evenly_and_only_across_the_link(monkeypatch):
    std = matching.standardise(MODEL, COLUMNS)

    assert len(training.candidates(MODEL, std)[0]) == 6
    assert len(training.candidates(MODEL, std, ["l", "l", "r", "r"])[0]) == 4
    monkeypatch.setattr(training, "MOST_PAIRS", 3)
    assert len(training.candidates(MODEL, std)[0]) == 3
