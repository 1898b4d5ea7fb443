"""Learning: EM against recordlinkage, labels, calibration, thresholds, frequencies."""

from dataclasses import replace

import numpy as np
import pytest

from matching.config.load import load_model
from matching.config.model import Given
from matching.pipeline.steps import standardise
from matching.score import calibrate, frequencies, labelled, thresholds, training
from matching.score.fellegi_sunter import score
from matching.types import Column

MODEL = load_model(
    {
        "name": "three",
        "attributes": {name: {"kind": "text"} for name in "abc"},
        "keys": {"a": {"parts": ["a.words"]}},
        "comparisons": {
            name: {"comparator": "same_value", "inputs": {"value": f"{name}.words"}, "weights": [1, -1]} for name in "abc"
        },
        "prior": 0,
        "thresholds": {"auto": 0.9, "review": 0.5},
    }
)
M, U, SHARE = (0.95, 0.9, 0.8), (0.1, 0.2, 0.05), 0.3


def drawn(count=20_000, seed=5, missing=0.0):
    """Levels of pairs from a world whose m, u and share of matches are known, and which pairs match."""
    rng = np.random.default_rng(seed)
    match = rng.random(count) < SHARE
    agree = np.column_stack([rng.random(count) < np.where(match, m, u) for m, u in zip(M, U, strict=True)])
    levels = np.where(agree, 1, 2).astype(np.int8)
    levels[rng.random(levels.shape) < missing] = 0
    return levels, match


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_em_finds_the_world_that_made_the_pairs(missing):
    levels, _ = drawn(missing=missing)

    fitted = training.fit(training.Patterns.of(levels), [(2, 1)] * 3)

    assert fitted.match_share == pytest.approx(SHARE, abs=0.03)
    assert [m[0] for m in fitted.m] == pytest.approx(M, abs=0.03)
    assert [u[0] for u in fitted.u] == pytest.approx(U, abs=0.03)


@pytest.mark.timed
@pytest.mark.filterwarnings("ignore")
def test_em_agrees_with_recordlinkage_to_a_hundredth():
    levels, _ = drawn(4_000)

    ours = training.fit(training.Patterns.of(levels), [(2, 1)] * 3)
    theirs = training.reference_fit(levels, training.start([(2, 1)] * 3))

    assert ours.match_share == pytest.approx(theirs.match_share, abs=0.01)
    for mine, other in zip((*ours.m, *ours.u), (*theirs.m, *theirs.u), strict=True):
        assert mine == pytest.approx(other, abs=0.01)


@pytest.mark.timed
def test_dependent_comparisons_are_fitted_for_each_group():
    rng = np.random.default_rng(3)
    levels, match = drawn(40_000)
    # Among non-matches that agree on a, c agrees nine times out of ten: relatives share it.
    relatives = ~match & (levels[:, 0] == 1)
    levels[relatives, 2] = np.where(rng.random(relatives.sum()) < 0.9, 1, 2)
    given = Given("a", ((1,), (2,)), ("agree", "differ"))
    third = replace(MODEL.comparisons[2], given=given, weights=(1.0, -1.0, 1.0, -1.0))
    model = replace(MODEL, comparisons=(*MODEL.comparisons[:2], third))

    learned, fitted = training.fit_model(model, levels)

    assert learned.comparisons[2].blocks == 2
    assert fitted.u[2][0] > 0.8
    assert fitted.u[2][2] == pytest.approx(U[2], abs=0.02)
    assert learned.comparisons[2].weights[0] < learned.comparisons[2].weights[2]


def test_levels_never_seen_keep_their_weights():
    levels, _ = drawn()
    levels[:, 1] = 0
    levels[levels[:, 2] == 2, 2] = 0

    learned, _ = training.fit_model(MODEL, levels)

    assert learned.comparisons[1] == MODEL.comparisons[1]
    assert learned.comparisons[2].weights[1] == -1
    assert learned.prior == pytest.approx(np.log2(0.3 / 0.7), abs=1)


def records(count=400, seed=2):
    rng = np.random.default_rng(seed)
    rows = {name: [f"{name}{number}x" for number in rng.integers(0, 3, count)] for name in "abc"}
    return standardise(MODEL, rows), np.arange(0, count, 2), np.arange(1, count, 2)


def test_weights_follow_the_labels_and_start_from_where_they_were():
    std, left, right = records()
    scores = score(MODEL, std, left, right)
    truth = scores.levels[:, 2] == 1

    refitted = labelled.refitted(MODEL, scores, truth)
    after = score(refitted, std, left, right)

    assert refitted.comparisons[2].weights[0] > 3
    assert ((after.probability > 0.5) == truth).all()


def test_fitting_stops_after_so_many_rounds(monkeypatch):
    std, left, right = records()
    scores = score(MODEL, std, left, right)
    monkeypatch.setattr(labelled, "MOST_ROUNDS", 1)

    once = labelled.refitted(MODEL, scores, scores.levels[:, 2] == 1)

    assert 1 < once.comparisons[2].weights[0] < 20


def test_labels_mend_weights_that_were_far_off():
    # Full Newton steps from here end at thousands of bits, in which every pair is certain.
    levels, match = drawn(500, seed=9)
    far = replace(MODEL, prior=9.0, comparisons=tuple(replace(one, weights=(6.0, 5.0)) for one in MODEL.comparisons))
    std = standardise(far, {name: ["x"] for name in "abc"})
    scores = score(far, std, np.zeros(1, np.int32), np.zeros(1, np.int32))
    scores = scores._replace(levels=levels, weight=(9 + np.where(levels == 1, 6, 5).sum(1)).astype(np.float32))

    fitted = labelled.refitted(far, scores, match)

    bits = fitted.prior + sum(np.where(levels[:, n] == 1, *one.weights) for n, one in enumerate(fitted.comparisons))
    assert np.abs(bits).max() < 30
    assert calibrate.expected_error(1 / (1 + np.exp2(-bits)), match) < 0.05


@pytest.mark.parametrize(("matches", "others", "count"), [(30, 30, 0), (5, 30, 1), (30, 5, 1), (0, 0, 2)])
def test_too_few_labels_are_named(matches, others, count):
    assert len(labelled.problems(np.array([True] * matches + [False] * others, bool))) == count


def test_calibration_finds_how_much_the_bits_overstate():
    rng = np.random.default_rng(0)
    believed = rng.normal(0, 3, 30_000).astype(np.float32)
    match = rng.random(30_000) < 1 / (1 + 2.0 ** -(0.5 * believed - 1))

    found = calibrate.platt(believed, match)

    assert (found.scale, found.shift) == pytest.approx((0.5, -1), abs=0.05)


def test_calibration_of_a_perfect_split_stays_finite():
    found = calibrate.platt(np.array([-9, -8, 8, 9], np.float32), np.array([False, False, True, True]))

    assert np.isfinite([found.scale, found.shift]).all()


def test_scaling_a_model_scales_all_its_bits_and_is_remembered():
    model = replace(load_model("customer"), provenance={"calibration": {"scale": 0.5, "shift": 1}})

    scaled = calibrate.scaled(model, calibrate.kept(model))

    assert scaled.prior == pytest.approx(model.prior * 0.5 + 1, abs=1e-3)
    assert scaled.comparisons[0].weights[0] == pytest.approx(model.comparisons[0].weights[0] * 0.5, abs=1e-3)
    person = load_model("person")
    halved = calibrate.scaled(person, calibrate.Calibration(0.5))
    assert halved.comparisons[0].tf.scale == pytest.approx(person.comparisons[0].tf.scale / 2, abs=1e-3)
    assert calibrate.kept(MODEL) == calibrate.Calibration()


@pytest.mark.parametrize(
    ("said", "true", "expected"),
    [([], [], 0.0), ([0.9, 0.9], [True, True], 0.1), ([1.0, 0.0], [False, True], 1.0)],
    ids=["none", "nearly", "upside down"],
)
def test_the_calibration_error_is_the_mean_distance(said, true, expected):
    assert calibrate.expected_error(np.array(said, np.float32), np.array(true, bool)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("weight", "match", "share", "expected"),
    [
        ([5, 4, 3, 2], [1, 1, 0, 1], 0.0, 4.0),
        ([5, 4, 3, 2], [1, 1, 0, 1], 0.25, 2.0),
        ([5, 5, 3], [1, 0, 1], 0.4, 3.0),
        ([5, 5], [1, 0], 0.1, None),
        ([], [], 0.1, None),
    ],
    ids=["none wrong", "a quarter wrong", "equal weights go together", "never", "no labels"],
)
def test_the_threshold_keeps_the_stated_share_of_errors(weight, match, share, expected):
    assert thresholds.least_weight(np.array(weight, np.float32), np.array(match, bool), share) == expected


def test_the_reliability_says_what_was_said_and_what_was_true():
    found = calibrate.reliability(np.array([0.05, 0.15, 0.15, 1.0], np.float32), np.array([False, True, False, True]))

    assert [(one.low, one.high, one.count) for one in found] == [(0.0, 0.1, 1), (0.1, 0.2, 2), (0.9, 1.0, 1)]
    assert [one.true for one in found] == [0.0, 0.5, 1.0]
    assert found[1].said == pytest.approx(0.15)
    assert calibrate.reliability(np.zeros(0, np.float32), np.zeros(0, bool)) == ()


def test_a_solved_threshold_keeps_the_stated_share_and_says_where_it_is_from():
    rng = np.random.default_rng(2)
    weight = rng.normal(2, 3, 4000).astype(np.float32)
    match = rng.random(4000) < 1 / (1 + 2.0**-weight)

    model = thresholds.solved(MODEL, weight, match, 0.02)

    above = weight >= model.thresholds.auto_weight
    assert (~match[above]).mean() <= 0.02
    assert above.sum() > 500
    said = model.provenance["false_merges"]
    assert (said["asked"], said["labels"], said["auto_before"]) == (0.02, 4000, MODEL.thresholds.auto)
    assert said["above"] == above.sum()
    assert model.provenance["thresholds"].startswith("auto: at most 2.00%")
    assert model.thresholds.review <= model.thresholds.auto
    assert model.comparisons == MODEL.comparisons


@pytest.mark.parametrize("right", [1.0, 0.5], ids=["too few", "never"])
def test_labels_that_do_not_bear_a_threshold_leave_it_and_say_so(right):
    rng = np.random.default_rng(2)
    match = rng.random(60) < right

    model = thresholds.solved(MODEL, rng.normal(5, 1, 60).astype(np.float32), match, 0.01)

    assert model.thresholds == MODEL.thresholds
    assert model.provenance["false_merges"]["kept"].endswith("100 are needed")
    assert "thresholds" not in model.provenance or model.provenance["thresholds"] == MODEL.provenance["thresholds"]


def test_frequencies_count_records_and_words_once_a_record():
    column = Column.of(["acme group", "acme group", "acme acme", None] * 100)

    words = frequencies.of_words(column, defaults={"group": 0.5, "bank": 8.0})
    values = frequencies.of_values(column)

    assert words.of("acme") == pytest.approx(0.42, abs=0.01)
    assert words.of("group") == 0.5
    assert words.of("bank") == 8.0
    assert words.of("never") == frequencies.UNLISTED
    assert values.of("acme group") == 1.0


def test_the_mean_rarity_is_that_of_a_chance_agreement():
    column = Column.of(["a", "a", "b", "c"])

    assert frequencies.mean_bits(column, frequencies.of_values(column)) == pytest.approx(-np.log2(0.25 + 0.0625 * 2), abs=0.01)
    assert frequencies.mean_bits(Column.of([None]), frequencies.of_values(column)) == frequencies.UNLISTED


def test_a_model_learns_the_tables_it_names():
    person = load_model("person")
    std = standardise(person, {"given_name": ["ann"] * 50, "surname": ["berg"] * 50, "date_of_birth": ["1970-01-01"] * 50})

    tables = frequencies.learnt(person, std)

    assert tables["given"].of("ann") == 0.0
    assert tables["birth"].of("19700101") == 0.0
    assert set(tables) == set(person.frequencies)


def test_two_comparisons_may_read_one_table_and_the_first_fills_it():
    entity = load_model("legal_entity")
    std = standardise(entity, {"name": ["Quux Steel"] * 50})

    assert frequencies.learnt(entity, std)["words"].of("quux") == 0.0
