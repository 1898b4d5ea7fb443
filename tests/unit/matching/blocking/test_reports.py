"""The blocking report: counts that brute force confirms, an honest estimate, and records that no key reaches."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matching
from matching.blocking.coverage import coverage, estimated_recall, unseen
from matching.blocking.ingredients import Offer, enough, lacking, offers
from matching.blocking.keys import keys
from matching.blocking.report import Block, full_report
from matching.types import Keys
from tests.unit.matching.pipeline.test_order_does_not_matter import columns, records

MODEL = matching.load_model("customer")


@pytest.mark.timed
@settings(max_examples=60, deadline=None)
@given(
    entries=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 9)), max_size=40, unique=True),
    accepted=st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]), max_size=12),
    halves=st.booleans(),
    chunk=st.integers(1, 30),
)
def test_pairs_are_counted_as_one_by_one(entries, accepted, halves, chunk):
    # Key k belongs to family k % 3, so that one family may bring a pair twice.
    found = {}
    for number, family in ((key, key % 3) for key in range(10)):
        rows = sorted(row for row, key in entries if key == number)
        for pair in combinations(rows, 2):
            if not halves or pair[0] % 2 != pair[1] % 2:
                found.setdefault(pair, set()).add(family)
    row, key = (np.array([entry[place] for entry in entries], kind) for place, kind in ((0, np.int32), (1, np.int64)))
    made = Keys(row, key, (key % 3).astype(np.int16), ("a", "b", "c"))
    left, right = np.array(sorted(accepted), np.int32).reshape(-1, 2).T

    counted = coverage(made, (left, right), sides=np.arange(9, dtype=np.int32) % 2 if halves else None, chunk=chunk)

    for family in range(3):
        mine = [pair for pair, families in found.items() if family in families]
        alone = [pair for pair in mine if len(found[pair]) == 1]
        assert counted.pairs[family] == len(mine)
        assert counted.alone[family] == len(alone)
        assert counted.accepted[family] == len(set(mine) & accepted)
        assert counted.accepted_alone[family] == len(set(alone) & accepted)
    times = [len(families) for pair, families in found.items() if pair in accepted]
    assert counted.found_by.tolist() == np.bincount(times, minlength=4).tolist()


@pytest.mark.timed
def test_the_estimate_is_near_where_families_miss_independently():
    rng = np.random.default_rng(3)
    caught = (rng.random((40_000, 6)) < rng.choice([0.15, 0.3, 0.5], 6)).sum(1)
    found_by = np.bincount(caught[caught > 0], minlength=7)

    assert estimated_recall(found_by) == pytest.approx((caught > 0).mean(), abs=0.03)
    assert unseen(found_by) <= (caught == 0).sum() * 1.1


@pytest.mark.parametrize("found_by", [[0, 0], [0, 5], [0, 0, 0]], ids=["no pair", "one family", "nothing accepted"])
def test_where_nothing_can_be_told_nothing_is(found_by):
    assert estimated_recall(np.array(found_by)) is None


def test_what_every_family_finds_is_not_missed():
    assert estimated_recall(np.array([0, 0, 0, 7])) == 1.0


def test_offers_say_what_a_record_can_be_keyed_by():
    families = {family.name: family for family in MODEL.keys}
    germany = {"name.core": "germany", "country.code": "de"}

    assert lacking(MODEL, families["site"], germany)[0].feature == "site"
    assert offers(MODEL, families["site"], germany) == ()
    assert [offer.text for offer in offers(MODEL, families["word_country"], germany)] == ["germany + de"]
    assert enough(offers(MODEL, families["word_country"], germany)) == ()
    assert offers(MODEL, families["half_country"], {"name.core": "zyntho", "country.code": "ch"})[0] == Offer("zyntho + ch", 17.0)


@pytest.mark.timed
@pytest.mark.parametrize("name", ["customer", "person", "project"])
def test_offers_are_the_keys(name):
    model = matching.load_model(name)
    rows = records()[::3]
    people = {"first_name": [row["name"].split()[0] for row in rows], "given_name": [row["name"].split()[0] for row in rows]}
    std = matching.standardise(model, {**columns(rows), **people, "surname": people["given_name"]})
    made = keys(model, std)
    families = {(row, made.families[kind]) for row, kind in zip(made.row.tolist(), made.family.tolist(), strict=True)}

    offered = {
        (row, family.name)
        for row, values in enumerate(std.rows())
        for family in model.keys
        if enough(offers(model, family, values))
    }

    assert offered == families
    assert families


def test_the_report_names_blocks_and_records_that_no_key_reaches():
    std = matching.standardise(
        MODEL,
        {
            "name": ["Zyntho Pharmix GmbH", "Zyntho Pharmix", "Zyntho Pharmix AG", "Germany GmbH", None],
            "domain": ["zyntho.de", "zyntho.de", None, None, None],
            "country": ["DE", "DE", "DE", "DE", "DE"],
        },
    )
    made = keys(MODEL, std)

    found = full_report(MODEL, std, made, accepted=(np.array([0], np.int32), np.array([1], np.int32)))

    assert (found.records, found.without_key, found.held_back, found.accepted) == (5, 2, 1, 1)
    assert found.families["name"].largest_blocks == (Block(3, "pharmix zyntho"),)
    assert found.families["site"].pairs == found.families["site"].accepted == 1
    assert found.families["site"].pairs_alone == 0
    assert found.families["phone"].largest_blocks == ()
    assert sum(found.found_by.values()) == 1
    assert found.to_dict()["families"]["name"]["largest_blocks"] == ({"records": 3, "example": "pharmix zyntho"},)
