"""Explanations: sums that add up, words that a steward reads, and why not."""

import json

import pytest

import matching

MODEL = matching.load_model("customer")
STD = matching.standardise(
    MODEL,
    {
        "name": ["Zyntho Pharmix GmbH", "ZYNTHO PHARMIX", "Zyntho Pharmix Services AG", "Germany GmbH", "Tanaka"],
        "country": ["DE", "DE", "CH", "DE", "JP"],
        "domain": ["zyntho.de", "zyntho.de", "zyntho.de", None, None],
        "tax_id": ["DE136695976", None, "CHE100155212", None, None],
    },
)


def test_the_steps_and_the_prior_are_the_total():
    found = matching.explain(MODEL, STD, 0, 1)

    assert found.total == pytest.approx(found.prior + sum(step.weight for step in found.steps), abs=0.01)
    assert found.band == "auto"
    assert found.probability > 0.85


def test_it_names_values_levels_and_keys():
    found = matching.explain(MODEL, STD, 0, 1)
    name = found.steps[0]

    assert (name.left, name.right, name.level_label) == ("zyntho pharmix", "zyntho pharmix", "same words, a rare name")
    assert name.sentence.startswith("The two names are built from the same words")
    assert "site" in found.shared_keys
    assert found.never_compared == ""


def test_a_dependent_step_says_on_what_it_depends():
    site = next(step for step in matching.explain(MODEL, STD, 0, 2).steps if step.comparison == "site")

    assert site.level_label == "same site (one name has extra words)"


def test_what_is_missing_weighs_nothing():
    phone = next(step for step in matching.explain(MODEL, STD, 0, 1).steps if step.comparison == "phone")

    assert (phone.level, phone.weight, phone.level_label) == (0, 0, "could not be compared")


def test_why_not_when_they_share_no_key():
    found = matching.explain(MODEL, STD, 0, 4)

    assert found.shared_keys == ()
    assert found.never_compared.startswith("Never compared: they share none of the keys")
    assert found.rule.startswith("They were never put side by side")


def test_why_not_when_a_record_has_no_key():
    found = matching.explain(MODEL, STD, 3, 0)

    assert "the first record makes no key at all" in found.never_compared


@pytest.mark.parametrize("decision", ["same", "different"])
def test_a_decision_outranks_the_weights(decision):
    assert (
        matching.explain(MODEL, STD, 0, 1, decision=decision).rule
        == f"A steward decided: {decision}. No machine step changes that."
    )


def test_the_counterfactual_is_true():
    found = matching.explain(MODEL, STD, 0, 1)

    assert any("fall below the auto threshold if" in sentence for sentence in found.counterfactuals)


def test_both_sides_read_the_same():
    there, back = matching.explain(MODEL, STD, 0, 2), matching.explain(MODEL, STD, 2, 0)

    assert (there.total, there.band, there.counterfactuals) == (back.total, back.band, back.counterfactuals)


def test_it_is_plain_data_and_text():
    found = matching.explain(MODEL, STD, 0, 1)

    assert json.loads(json.dumps(found.to_dict()))["band"] == "auto"
    assert len(found.text().splitlines()) >= len(found.steps) + 4
    assert "Compared because they share" in found.text()
    assert "Never compared" in matching.explain(MODEL, STD, 0, 4).text()
