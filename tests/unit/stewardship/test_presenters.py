"""What presenters make of values: marks, verdicts, drawings, words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.readers.golden.review.pair_page import Evidence, Field, Step
from mdm.rules.golden.change_kinds import ChangeKind
from stewardship import vendoring
from stewardship.presenters import fields, marks, waterfall, words

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def bracketed(pieces) -> str:
    return "".join(f"[{piece.text}]" if piece.is_different else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("Acme Consulting GmbH", "ACME Consulting G.m.b.H.", ("Acme Consulting [GmbH]", "ACME Consulting [G.m.b.H.]")),
        ("Hauptstr. 12", "Hauptstr. 21", ("Hauptstr. [12]", "Hauptstr. [21]")),
        ("Acme", "Acme", ("Acme", "Acme")),
        ("Müller Söhne", "Muller Sohne", ("Müller Söhne", "Muller Sohne")),
        ("DE811234567", "DE811234568", ("DE81123456[7]", "DE81123456[8]")),
        ("NL1", "GB987654", ("[NL1]", "[GB987654]")),
        ("", "Acme", ("", "[Acme]")),
    ],
    ids=["legal form", "house number", "equal", "accents", "one letter", "nothing alike", "empty"],
)
def test_marks_show_what_differs(left: str, right: str, expected: tuple[str, str]):
    assert tuple(bracketed(side) for side in marks.marks(left, right)) == expected


@given(st.text(max_size=40), st.text(max_size=40))
def test_marks_lose_no_letter(left: str, right: str):
    mine, theirs = marks.marks(left, right)

    assert "".join(piece.text for piece in mine) == left
    assert "".join(piece.text for piece in theirs) == right


def field(left, right, *, agrees=None, is_masked=False, is_compared=True) -> Field:
    return Field("name", "Name", left, right, is_masked, is_compared, agrees)


@pytest.mark.parametrize(
    ("given_field", "look", "word"),
    [
        (field("Acme", "Acme"), "agree", "Same"),
        (field("Acme AG", "ACME A.G."), "agree", "Same after cleaning"),
        (field("München", "Munich", agrees=True), "agree", "Same after cleaning"),
        (field("Nordwind GmbH", "Nordwnd GmbH"), "near", "Close 0.96"),
        (field("Acme", "Zebra"), "differ", "Differs"),
        (field(None, "Acme"), "missing", "Missing in A"),
        (field("Acme", None), "missing", "Missing in B"),
        (field(["a", "b"], ["a", "b"]), "agree", "Same"),
        (field(True, False), "differ", "Differs"),
        (field("株式会社", "有限会社"), "differ", "Differs"),
    ],
)
def test_a_field_gets_its_verdict(given_field: Field, look: str, word: str):
    row = fields.row(given_field)

    assert (row.look, row.word) == (look, word)
    assert row.sign in "=≈≠∅"


def test_a_masked_field_keeps_its_verdict_and_hides_its_values():
    row = fields.row(field("DE811234567", "DE811234568", is_masked=True))

    assert row.word.startswith("Close")
    assert [piece.text for piece in (*row.left, *row.right)] == ["••••", "••••"]


def test_what_matching_does_not_weigh_is_folded_and_summed_up():
    table = fields.table([field("a", "a"), field("b", "b", is_compared=False), field("c", None, is_compared=False)])

    assert (len(table.rows), table.others_word) == (1, "1 same, 1 on one side only")


def evidence(*weights: float, prior: float = -8.0) -> Evidence:
    steps = tuple(Step(f"Step {n}", "a", "b", "level", "Sentence.", weight, False) for n, weight in enumerate(weights))
    return Evidence(prior, steps, prior + sum(weights), 0.9, "rule", ())


@given(st.lists(st.floats(-30, 30), max_size=12), st.floats(-20, 0))
def test_every_bar_lies_inside_the_drawing(weights: list[float], prior: float):
    drawing = waterfall.waterfall(evidence(*weights, prior=prior))

    assert len(drawing.bars) == len(weights) + 2
    for bar in drawing.bars:
        assert bar.x >= waterfall.LABEL - 0.1
        assert bar.x + bar.width <= waterfall.WIDTH - waterfall.NUMBER + 1.6
        assert 0 <= bar.y <= drawing.height


def test_bars_hang_together_and_end_at_the_total():
    before, first, second, total = waterfall.waterfall(evidence(10.0, -1.0)).bars

    assert [bar.number for bar in (before, first, second, total)] == ["−8.0", "+10.0", "−1.0", "+1.0"]
    assert [bar.look for bar in (before, first, second, total)] == ["differ", "agree", "differ", "total"]
    assert first.x == pytest.approx(before.x, abs=0.2)
    assert second.x + second.width == pytest.approx(first.x + first.width, abs=0.2)
    assert total.x + total.width == pytest.approx(second.x, abs=0.2)


def test_comparisons_that_could_not_compare_are_left_out_of_the_drawing():
    missing = Step("Phone", "", "", "could not be compared", "Sentence.", 0.0, True)

    assert len(waterfall.waterfall(Evidence(-8.0, (missing,), -8.0, 0.0, "rule", ())).bars) == 2


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (5, "just now"),
        (61, "1 min ago"),
        (7_300, "2 h ago"),
        (200_000, "2 d ago"),
        (9_000_000, "3 mo ago"),
        (-600, "in 10 min"),
        (-5, "now"),
    ],
)
def test_how_long_ago(seconds: int, said: str):
    assert words.ago(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(("probability", "said"), [(1.0, "> 99.9 %"), (0.9986, "99.9 %"), (0.5, "50.0 %"), (0.0001, "< 0.1 %")])
def test_nothing_is_ever_certain(probability: float, said: str):
    assert words.percent(probability) == said


@pytest.mark.parametrize(
    ("bits", "said"), [(8.0, "256 : 1 for the same"), (1.0, "2.0 : 1 for the same"), (-4.0, "16 : 1 against")]
)
def test_odds(bits: float, said: str):
    assert words.odds(bits) == said


@pytest.mark.parametrize(
    ("value", "currency", "said"),
    [
        ("1250000.00", "EUR", "EUR 1,250,000"),
        ("1250000.5", "EUR", "EUR 1,250,000.50"),
        ("-3200.125", "KWD", "KWD −3,200.125"),
        ("0", "", "0"),
        ("1E+3", "", "1,000"),
        ("••••", "EUR", "••••"),
        (None, "", ""),
        ("NaN", "", "NaN"),
        ("1250000", None, "1250000"),
        (["a", "b"], None, "a, b"),
    ],
)
def test_an_amount_has_its_thousands_and_its_cents(value: object, currency: str | None, said: str):
    assert words.amount(value, currency) == said


def test_sums_are_said_in_whole_units_the_largest_first():
    assert words.amounts({"GBP": Decimal("3200.40"), "EUR": Decimal("-480000.00")}) == "EUR −480,000 and GBP 3,200"


def test_a_long_id_keeps_both_ends():
    assert words.elide("eb453d0d-cfd0-5a71-b1f0-99") == "eb453d0…1f0-99"
    assert words.elide("4471") == "4471"


def test_every_vendored_file_is_the_one_that_was_listed():
    assert vendoring.problems() == []
    assert vendoring.notices() == (vendoring.HERE.parent / "THIRD_PARTY.md").read_text(encoding="utf-8")


def test_a_changed_a_missing_and_an_unlisted_file_are_told(tmp_path, monkeypatch):
    for path in vendoring.STATIC.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(vendoring.STATIC)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(vendoring, "STATIC", tmp_path)
    (tmp_path / "htmx.org@4.0.1" / "htmx.min.js").write_text("changed")
    (tmp_path / "inter@5.3.0" / "LICENSE").unlink()
    (tmp_path / "extra.js").write_text("unlisted")

    assert [problem.split(" ", 1)[1] for problem in vendoring.problems()] == [
        "is not listed in vendor.toml",
        "has another hash",
        "is missing",
    ]


def test_every_kind_of_change_has_a_word():
    told = {"matching" if kind is ChangeKind.RESOLVE else kind.value for kind in ChangeKind}

    assert told <= words.CAUSES.keys()
