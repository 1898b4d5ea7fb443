"""docs/models.md: its lists are those of the code, and its example matches a table of books."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from matching.blocking.forms import FORMS
from matching.compare.catalogue import COMPARATORS
from matching.config import parse
from matching.config.load import load_model
from matching.normalise.kinds import KINDS
from matching.pipeline.commands import main
from matching.score import labelled

PAGE = (Path(__file__).parents[4] / "docs" / "models.md").read_text(encoding="utf-8")
TITLE = """river stone winter garden silent harbour paper moon glass orchard letters shadow northern island broken clock amber
road distant thunder hollow crown velvet fields copper sky second lantern"""
AUTHORS = (
    "Ada Lindqvist",
    "Tom Okafor",
    "Rosa Beltran",
    "Ivo Markovic",
    "Mei Tanaka",
    "Jon Petersen",
    "Ana Duarte",
    "Leo Hartmann",
)


def rows_of(heading):
    """Cells of the table that begins with this heading."""
    table = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_every_kind_is_there_with_its_parts():
    found = {name.strip("`"): (parts, words) for name, parts, words in rows_of("kind")}

    assert {name: tuple(parts.split(", ")) for name, (parts, _) in found.items()} == {n: k.parts for n, k in KINDS.items()}
    assert {name for name, (_, words) in found.items() if "Takes a hint" in words} == {n for n, k in KINDS.items() if k.hinted}


def test_every_comparator_is_there_with_roles_and_levels():
    found = {name.strip("`"): (roles, tuple(levels.split("; "))) for name, roles, levels in rows_of("comparator")}

    assert {name: levels for name, (_, levels) in found.items()} == {n: c.levels for n, c in COMPARATORS.items()}
    for name, (roles, _) in found.items():
        known = COMPARATORS[name]
        assert roles.split(", ") == [*known.roles, *(f"({role})" for role in known.optional)], name


def test_every_form_is_there():
    assert [row[0].strip("`") for row in rows_of("form")] == list(FORMS) == list(parse.FORMS)


def test_every_section_is_there():
    assert [row[0].strip("`") for row in rows_of("section")] == list(parse.SECTIONS)


def test_what_is_said_of_labels_is_so():
    assert f"at least {labelled.LEAST_EACH} of each" in PAGE


def books():
    """Books of three shops: id, cluster and columns under their own names, with slips, other orders of words and gaps."""
    rng = np.random.default_rng(11)
    rows = []
    for number in range(250):
        title = rng.choice(TITLE.split(), int(rng.integers(2, 5)), replace=False).tolist()
        author = str(rng.choice(AUTHORS)).split()
        isbn, day = f"978{rng.integers(10**9, 10**10)}", f"{rng.integers(1950, 2020)}-{rng.integers(1, 13):02}-10"
        for copy in range(int(rng.integers(1, 4))):
            words = [word[:-1] if rng.random() < 0.06 else word for word in title]
            rows.append(
                {
                    "id": f"{number}.{copy}",
                    "cluster": number,
                    "book_title": " ".join(["the", *words] if rng.random() < 0.3 else words),
                    "writer": " ".join(author if rng.random() < 0.7 else author[::-1]),
                    "isbn13": isbn if rng.random() < 0.6 else "",
                    "date": day if rng.random() < 0.8 else "",
                }
            )
    return rows


@pytest.mark.timed
def test_the_example_is_trained_and_resolves(tmp_path, capsys):
    model = tmp_path / "books.yaml"
    model.write_text(re.search(r"<!-- example: books.yaml -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)[1], encoding="utf-8")
    source, trained, out = tmp_path / "books.csv", tmp_path / "trained.yaml", tmp_path / "out.csv"
    rows = books()
    with source.open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, rows[0])
        table.writeheader()
        table.writerows(rows)

    assert main(["train", str(source), "--model", str(model), "--output", str(trained)]) == 0
    assert main(["resolve", str(source), "--model", str(trained), "--output", str(out)]) == 0
    assert main(["evaluate", str(out), "--truth", str(source)]) == 0

    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["f1"] > 0.9
    said = load_model(trained)
    assert said.version.startswith("1+20")
    assert {"records", "candidate_pairs", "date", "source"} <= set(said.provenance["training"])
