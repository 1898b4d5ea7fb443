"""Inputs that break other engines, and runs that are killed: a whole result or none, soon, and in one clear line."""

import csv
import json
import os
import signal
import subprocess
import sys
from time import perf_counter

import pytest

from matching.pipeline import tables
from matching.pipeline.commands import main
from tests.unit.matching.pipeline.test_command_line import BAD, read, run, written

MANY = 100_000
# On an idle machine each takes about one second.
SOON = 30


def table(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])
    return path


def resolved(tmp_path, capsys, source, *more, model="customer"):
    began = perf_counter()
    out = tmp_path / "out.csv"
    code, summary, err = run(capsys, "resolve", source, "--model", model, "--output", out, *more)
    assert perf_counter() - began < SOON
    assert code == 0
    return summary, read(out), err


@pytest.mark.timed
def test_very_many_identical_records_are_one_cluster(tmp_path, capsys):
    row = ("Zyntho Pharmix GmbH", "Berlin", "DE", "zyntho.de")
    rows = [(number, *row) for number in range(MANY)]
    source, pairs = table(tmp_path / "in.csv", ("id", "name", "city", "country", "domain"), rows), tmp_path / "pairs.csv"

    summary, found, err = resolved(tmp_path, capsys, source, "--pairs", pairs)

    assert {one["cluster_id"] for one in found} == {"c0"}
    assert len({one["probability"] for one in found}) == 1
    assert summary["records"] == len(found) == MANY
    assert "99998 records are identical to two others each" in err
    assert len(read(pairs)) == MANY - 1


@pytest.mark.timed
@pytest.mark.parametrize("name", ["", "Germany GmbH", "N/A"], ids=["nothing known", "too common", "placeholder"])
def test_very_many_records_that_say_nothing_stay_apart(tmp_path, capsys, name):
    source = table(tmp_path / "in.csv", ("id", "name", "city"), [(number, name, "") for number in range(MANY)])

    summary, found, _ = resolved(tmp_path, capsys, source)

    assert summary["clusters"] == len(found) == MANY
    assert summary["pairs_compared"] == 0


ENORMOUS = {"x": "x" * 10_000_000, "words": "zyntho pharmix " * 660_000, "digits": "1234567890" * 1_000_000}


@pytest.mark.timed
@pytest.mark.parametrize(
    ("model", "column", "kind"),
    [
        ("customer", "name", "words"),
        ("customer", "name", "x"),
        ("customer", "phone", "digits"),
        ("person", "surname", "x"),
        ("project", "name", "words"),
    ],
)
def test_enormous_cells_are_no_trouble(tmp_path, capsys, model, column, kind):
    rows = [(number, ENORMOUS[kind]) for number in range(2)]
    source = table(tmp_path / "in.csv", ("id", column), [*rows, (2, "Zyntho")])

    assert resolved(tmp_path, capsys, source, model=model)[0]["records"] == 3


def test_a_row_may_be_longer_than_what_is_read_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK", 1000)
    rows = [(number, "x" * 3000, "y" * 3000) for number in range(5)]

    found = tables.read_table(table(tmp_path / "in.csv", ("id", "name", "city"), rows))

    assert [len(cell) for cell in found["city"].to_pylist()] == [3000] * 5


KILLED = """
import os, pathlib, signal, sys
from matching.pipeline import tables
from matching.pipeline.commands import main
left = int(sys.argv.pop(1))
renamed = pathlib.Path.replace
def replace(*arguments):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return renamed(*arguments)
pathlib.Path.replace = replace
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.timed
@pytest.mark.parametrize("whole", [0, 1, 2], ids=["at the first file", "at the second", "at the last"])
def test_a_killed_run_leaves_whole_files_or_none(tmp_path, whole):
    source = table(tmp_path / "in.csv", ("id", "name", "domain"), [(n, "Zyntho Pharmix", "zyntho.de") for n in range(4)])
    out, pairs, report = (tmp_path / name for name in ("out.csv", "pairs.csv", "report.json"))
    out.write_text("what was there before", encoding="utf-8")
    arguments = ["resolve", source, "--model", "customer", "--output", out, "--pairs", pairs, "--report", report]

    done = subprocess.run([sys.executable, "-c", KILLED, str(whole), *map(str, arguments)], check=False, capture_output=True)

    assert done.returncode == -signal.SIGKILL
    assert out.read_text(encoding="utf-8") == "what was there before"
    assert [path.exists() for path in (report, pairs)] == [whole > 0, whole > 1]
    if whole:
        assert json.loads(report.read_text(encoding="utf-8"))["records"] == 4
    if whole > 1:
        assert len(read(pairs)) == 6


@pytest.mark.timed
def test_a_killed_training_leaves_no_model(tmp_path):
    rows = [(n, f"Zyntho {n // 2}", f"Quux{n // 2}", f"19{60 + n // 2}-01-01") for n in range(60)]
    source, model = table(tmp_path / "in.csv", ("id", "given_name", "surname", "dob"), rows), tmp_path / "model.json"
    arguments = ["train", source, "--model", "person", "--output", model]

    done = subprocess.run([sys.executable, "-c", KILLED, "0", *map(str, arguments)], check=False, capture_output=True)

    assert done.returncode == -signal.SIGKILL
    assert not model.exists()


def test_a_bad_model_file_says_all_that_is_wrong_line_by_line(tmp_path, capsys):
    source = written(tmp_path / "in.csv", "id,name\n1,a\n")
    model = written(
        tmp_path / "model.yaml",
        "name: x\nattributes: {name: {kind: colour}}\nkeys: {}\ncomparisons:\n  name: {comparator: telepathy, weights: [1]}\n"
        "thresholds: {auto: 2, review: 0.5}\nspeed: fast\n",
    )

    code, _, err = run(capsys, "resolve", source, "--model", model, "--output", tmp_path / "out.csv")

    assert code == 2
    for part in ("no kind 'colour'", "no comparator 'telepathy'", "keys: at least one", "prior: must", "0 < review", "'speed'"):
        assert sum(part in line for line in err.splitlines()) == 1, part
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(("content", "more", "problem"), BAD[:3], ids=[problem for *_, problem in BAD[:3]])
def test_bad_input_leaves_what_was_there(tmp_path, capsys, content, more, problem):
    out = written(tmp_path / "out.csv", "before")

    assert main(["resolve", str(written(tmp_path / "in.csv", content)), "--model", "customer", "--output", str(out), *more]) == 2

    assert problem in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "before"
    assert os.listdir(tmp_path).count("out.csv") == 1
