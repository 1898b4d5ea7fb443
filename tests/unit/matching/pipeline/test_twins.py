"""Very many identical records: two stand for each group, and the result is that of comparing each with each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matching
from matching.pipeline import resolve as resolving
from matching.pipeline import twins

MODEL = matching.load_model("customer")
ROWS = (
    ("Zyntho Pharmix GmbH", "zyntho.de", "Berlin"),
    ("Quux Bank", "quux.ch", None),
    ("Quux Bank", None, None),
    ("Germany GmbH", None, "Köln"),
    ("Germany GmbH", "germany-x.de", "Köln"),
    ("Yyrkoon Textil", None, "Bonn"),
    (None, None, None),
)


def resolved(rows, **more):
    columns = {name: [row[place] for row in rows] for place, name in enumerate(("name", "domain", "city"))}
    ids = (
        [f"{(number * 37) % len(rows):04}" for number in range(len(rows))] if len(rows) % 37 else list(map(str, range(len(rows))))
    )
    return matching.resolve(MODEL, columns, ids=ids, **more)


@pytest.fixture
def small(monkeypatch):
    """Folding from the first identical records on."""

    def fold_from(crowded, least, most_pairs=10**9):
        monkeypatch.setattr(twins, "CROWDED", crowded)
        monkeypatch.setattr(twins, "LEAST", least)
        monkeypatch.setattr(resolving, "MOST_PAIRS", most_pairs)

    return fold_from


@pytest.mark.timed
@settings(max_examples=80, deadline=None)
@given(
    counts=st.lists(st.integers(0, 7), min_size=len(ROWS), max_size=len(ROWS)),
    order=st.randoms(use_true_random=False),
    least=st.integers(3, 6),
)
def test_a_folded_population_has_the_partition_of_the_whole(counts, order, least):
    rows = [row for row, count in zip(ROWS, counts, strict=True) for _ in range(count)]
    order.shuffle(rows)
    whole = resolved(rows, may_fold=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(twins, "CROWDED", least)
        patch.setattr(twins, "LEAST", least)
        found = resolved(rows)

    assert found.clusters.labels.tolist() == whole.clusters.labels.tolist()
    assert found.clusters.strength.tolist() == whole.clusters.strength.tolist()
    assert {(one.left, one.right) for one in found.clusters.refused} <= {(one.left, one.right) for one in whole.clusters.refused}
    known = dict(zip(zip(whole.left.tolist(), whole.right.tolist(), strict=True), whole.weight.tolist(), strict=True))
    listed = dict(zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.weight.tolist(), strict=True))
    assert len(listed) == len(found.left)
    assert listed.items() <= known.items()
    # What is not listed follows from what is: the same records hang together.
    assert groups(len(rows), listed) == groups(len(rows), known)


def groups(size, pairs):
    label = list(range(size))
    for left, right in sorted(pairs):
        old, new = label[right], label[left]
        label = [new if one == old else one for one in label]
    return {frozenset(row for row in range(size) if label[row] == one) for one in label}


def test_nothing_is_folded_where_no_key_is_crowded():
    assert resolved([ROWS[0]] * 200).folded == 0


def test_identical_records_that_are_very_many_are_one_cluster(small):
    small(100, 100, 4950)

    found = resolved([ROWS[0]] * 150 + [ROWS[1]] * 3)

    assert found.folded == 148
    assert 150 in np.bincount(found.clusters.labels)
    assert found.pairs_compared == 4
    assert found.clusters.strength.min() > 0.8


def test_where_others_are_like_them_each_is_compared_with_each(small):
    small(100, 100)
    rows = [ROWS[0]] * 110 + [("Zyntho Pharmix", "zyntho.de", None)]

    found = resolved(rows)

    assert found.folded == 0
    assert found.pairs_compared == 110 * 111 // 2
    small(100, 100, 4950)
    with pytest.raises(matching.BadInput, match="shared by up to 111 records"):
        resolved(rows)


def test_a_group_too_large_for_that_is_refused_by_name(small, monkeypatch):
    small(100, 100)
    monkeypatch.setattr(twins, "MOST_PAIRS", 5994)

    with pytest.raises(matching.BadInput, match=r"^110 records are identical with '.*'.* exact duplicates$"):
        resolved([ROWS[0]] * 110 + [("Zyntho Pharmix", "zyntho.de", None)])
    monkeypatch.setattr(twins, "MOST_PAIRS", 5995)
    assert resolved([ROWS[0]] * 110 + [("Zyntho Pharmix", "zyntho.de", None)]).pairs_compared == 110 * 111 // 2


def test_with_a_link_column_nothing_is_folded(small):
    small(100, 100, 4950)

    with pytest.raises(matching.BadInput, match="the key site is shared by up to 150 records"):
        resolved([ROWS[0]] * 150, link=["l", "r"] * 75)


def test_what_stays_too_common_is_refused(small):
    small(100, 1000, 4950)

    with pytest.raises(matching.BadInput, match="the key site is shared"):
        resolved([ROWS[0]] * 150)
