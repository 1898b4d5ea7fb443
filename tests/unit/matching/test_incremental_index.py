"""P3: whatever way records came, changed and went, the index has the partition that `resolve` gives for those that are there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matching
from matching.incremental import index as indexing
from matching.incremental.runs import KeyRuns
from tests.unit.matching.pipeline.test_order_does_not_matter import columns, records

MODEL = matching.load_model("customer")
NAMES = ("Zyntho Pharmix GmbH", "Zyntho Pharmix", "Zyntho Pharma", "Germany GmbH", "Pharmix Zyntho AG", "Quux Bank", None)
SITES = ("zyntho.de", "quux.ch", "gmail.com", None)
TOWNS = ("Berlin", "Köln", None)


def small(versions):
    """Records of few values, so that most of them meet; `versions`: id to (name, site, town)."""
    ids = list(versions)
    name, domain, city = ([row[place] for row in versions.values()] for place in range(3)) if ids else ([], [], [])
    return ids, {"name": name, "domain": domain, "city": city, "country": ["DE"] * len(ids)}


def agrees(index, versions, *, sides=None):
    """The index and a run over the final records say the same to the last bit."""
    ids, cells = small(dict(sorted(versions.items())))
    link = None if sides is None else [sides[one] for one in ids]
    whole = matching.resolve(MODEL, cells, ids=ids, link=link)
    names, found = index.clusters()
    assert names == ids
    assert found.labels.tolist() == whole.clusters.labels.tolist()
    assert found.strength.tolist() == whole.clusters.strength.tolist()
    assert found.refused == whole.clusters.refused


RECORD = st.tuples(st.sampled_from(NAMES), st.sampled_from(SITES), st.sampled_from(TOWNS))
BATCH = st.dictionaries(st.sampled_from("abcdefghij"), st.one_of(st.none(), RECORD, RECORD, RECORD), max_size=6)


@pytest.mark.timed
@settings(max_examples=60, deadline=None)
@given(batches=st.lists(BATCH, max_size=6))
def test_p3_any_history_ends_in_the_partition_of_its_last_records(batches):
    index, there = matching.IncrementalIndex(MODEL), {}
    for batch in batches:
        put = {one: row for one, row in batch.items() if row is not None}
        gone = [one for one, row in batch.items() if row is None and one in there]
        ids, cells = small(put)
        index.put(cells, ids=ids)
        index.remove(gone)
        there = {one: row for one, row in (there | put).items() if one not in gone}
        agrees(index, there)


@pytest.mark.timed
@settings(max_examples=25, deadline=None)
@given(batches=st.lists(BATCH, max_size=4))
def test_p3_with_a_link_column_too(batches):
    index, there = matching.IncrementalIndex(MODEL, is_linked=True), {}
    sides = {one: ("left", "right", None)[number % 3] for number, one in enumerate("abcdefghij")}
    for batch in batches:
        put = {one: row for one, row in batch.items() if row is not None}
        ids, cells = small(put)
        index.put(cells, ids=ids, link=[sides[one] for one in ids])
        there |= put
    agrees(index, there, sides=sides)


@pytest.mark.timed
@pytest.mark.parametrize(
    ("seed", "size"), [(1, 1), (2, 23), (3, 150), (4, 600)], ids=["one by one", "small", "larger", "at once"]
)
def test_p3_shuffled_batches_updates_and_deletes(seed, size):
    rows = records()[:: 3 if size == 1 else 1]
    rng = np.random.default_rng(seed)
    index = matching.IncrementalIndex(MODEL)
    order = [rows[number] for number in rng.permutation(len(rows))]
    for at in range(0, len(order), size):
        batch = order[at : at + size]
        # Half of the batch first comes with the values of others, and some that will go come along.
        mixed = [{**batch[number], "id": row["id"]} for row, number in zip(batch, rng.permutation(len(batch)), strict=True)]
        early = mixed[::2] + [{**row, "id": "x" + row["id"]} for row in batch[::5]]
        index.put(columns(early), ids=[row["id"] for row in early])
        index.put(columns(batch), ids=[row["id"] for row in batch])
        index.remove(["x" + row["id"] for row in batch[::5]])

    rows = sorted(rows, key=lambda row: row["id"])
    whole = matching.resolve(MODEL, columns(rows), ids=[row["id"] for row in rows])
    names, found = index.clusters()
    assert names == [row["id"] for row in rows]
    assert found.labels.tolist() == whole.clusters.labels.tolist()
    assert found.strength.tolist() == whole.clusters.strength.tolist()
    assert found.refused == whole.clusters.refused


@pytest.mark.timed
def test_only_what_a_batch_touches_is_clustered_again():
    rows = records()
    index = matching.IncrementalIndex(MODEL)
    index.put(columns(rows), ids=[row["id"] for row in rows])

    lone = index.put({"name": ["Qwzx Vbnm"]}, ids=["new"])
    same = index.put(columns(rows[:1]), ids=[rows[0]["id"]])

    assert lone == matching.Change(0, 1)
    assert same.reclustered < 20
    assert index.remove(["new"]) == matching.Change(0, 0)
    assert len(index) == len(rows)
    assert rows[0]["id"] in index


@pytest.mark.timed
def test_empty_slots_are_reclaimed_and_nothing_changes(monkeypatch):
    monkeypatch.setattr(indexing, "LEAST_DEAD", 3)
    index, there = matching.IncrementalIndex(MODEL), {}
    rng = np.random.default_rng(5)
    for _ in range(25):
        there |= {
            one: (NAMES[rng.integers(len(NAMES))], SITES[rng.integers(len(SITES))], TOWNS[rng.integers(len(TOWNS))])
            for one in rng.choice(list("abcdefgh"), 3, replace=False).tolist()
        }
        ids, cells = small(there)
        index.put(cells, ids=ids)
        agrees(index, there)

    assert len(index._ids) <= 2 * len(there) + 4


def test_an_empty_index_has_no_clusters():
    index = matching.IncrementalIndex(MODEL)

    assert index.put({}, ids=[]) == matching.Change(0, 0)
    assert index.clusters()[0] == []
    assert index.put({}, ids=["a"]) == matching.Change(0, 1)
    assert index.clusters()[1].labels.tolist() == [0]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda index: index.put({"name": ["a", "b"]}, ids=["1"]), "column name has 2 rows and there are 1 ids"),
        (lambda index: index.put({"name": ["a", "b"]}, ids=["1", "1"]), "ids must be unique"),
        (lambda index: index.put({"name": ["a"]}, ids=["1"], link=["x"]), "knows no link column"),
        (lambda index: index.remove(["z"]), "there is no record 'z'"),
        (lambda index: index.remove(["k", "k"]), "ids must be unique"),
    ],
    ids=["length", "twice", "link", "unknown", "gone twice"],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(call, problem):
    index = matching.IncrementalIndex(MODEL)
    index.put({"name": ["Zyntho"]}, ids=["k"])

    with pytest.raises(matching.BadInput, match=problem):
        call(index)

    assert index.clusters()[0] == ["k"]
    with pytest.raises(matching.BadInput, match="needs a link column"):
        matching.IncrementalIndex(MODEL, is_linked=True).put({"name": ["a"]}, ids=["1"])


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 6), max_size=5), max_size=6), asked=st.lists(st.integers(0, 8), max_size=5))
def test_mates_are_all_that_have_a_key(batches, asked):
    runs, known = KeyRuns(), []
    for batch in batches:
        slots = np.arange(len(known), len(known) + len(batch))
        runs.add(np.array(batch, np.int64), slots)
        known += batch

    which, slots = runs.mates(np.array(asked, np.int64))

    found = sorted(zip(which.tolist(), slots.tolist(), strict=True))
    assert found == [(n, slot) for n, key in enumerate(asked) for slot, other in enumerate(known) if other == key]
