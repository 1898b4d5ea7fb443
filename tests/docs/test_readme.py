"""Every command of the README is run by a test; the table says by which one."""

from __future__ import annotations

import ast
import csv
import importlib.metadata
import json
import os
import re
import shlex
import subprocess
import sys
import urllib.request

import pyarrow as pa
import pytest
from django.conf import settings
from pyarrow import parquet

from mdm.management import processes as hub_processes
from mdm.models import SourceRecord
from tests.docs.readme import ROOT, commands, request
from tests.factories import processes
from tests.story.celery_processes import Celery

PYTHON = ".venv/bin/python"
LOAD = f"{PYTHON} manage.py load customers.csv --system legacy --object customers --domain customer --id id"
UP = "tests/hub/runtime/test_up.py::test_up_heals_after_kill_9_of_everything_restarts_a_killed_worker_and_stops_in_order"
STORY = "tests/story/test_story.py::test_the_story_finds_what_was_planted_and_told_again_changes_nothing"
KILLS = "tests/story/test_kills.py::test_a_worker_killed_five_times_in_the_middle_of_300_pushes_loses_nothing_and_doubles_nothing"
PROPOSALS = "tests/hub/actions/governance/test_proposals.py::test_the_command_plans_proposes_releases_and_goes_back"
HERE = "tests/docs/test_readme.py::"
SHIPPED = ("contract", "customer", "invoice", "legal_entity", "project", "resource")
TARGETS = f"{HERE}test_make_has_the_targets_and_run_starts_the_story"
OWN_DATA = f"{HERE}test_own_data_is_rehearsed_then_loaded"
ASKED = f"{HERE}test_a_system_asks_with_a_token_of_its_own"
MATCHING = f"{HERE}test_matching_works_without_the_hub"

COVERED = {
    "make run": (TARGETS, STORY),
    "make test": (TARGETS,),
    f"TOKEN=$({PYTHON} manage.py token my-crm --role viewer)": (ASKED,),
    'curl -H "Authorization: Token $TOKEN" http://localhost:8000/api/v1/events?limit=1': (ASKED,),
    "curl -H \"Authorization: Token $TOKEN\" -H 'Content-Type: application/json' http://localhost:8000/api/v1/match"
    ' -d \'{"domain": "customer", "attributes": {"name": "Acme Consulting GmbH", "country": "DE"}}\'': (ASKED,),
    f"{PYTHON} manage.py up": (UP,),
    f'{PYTHON} manage.py systems add legacy "Legacy CRM"': (OWN_DATA,),
    f"{LOAD} --dry-run": (OWN_DATA,),
    LOAD: (OWN_DATA,),
    f"{PYTHON} manage.py ids import names.csv --issuer legacy-mdm --system legacy --object customers": (OWN_DATA,),
    f"{PYTHON} -m matching resolve customers.parquet --model customer --output clusters.parquet --pairs pairs.parquet": (
        MATCHING,
    ),
    f"{PYTHON} -m matching explain customers.parquet --model customer --pair ID1 ID2": (MATCHING,),
    "gunicorn mdm.wsgi": (UP, f"{HERE}test_production_is_what_the_other_tests_start"),
    "celery -A mdm worker -Q critical,sync,bulk,reconcile,default": (
        KILLS,
        f"{HERE}test_production_is_what_the_other_tests_start",
    ),
    "celery -A mdm beat": (KILLS, f"{HERE}test_production_is_what_the_other_tests_start"),
    "manage.py up": (UP,),
    "manage.py domains check": (f"{HERE}test_domains_are_checked_and_released",),
    "manage.py domains release": (f"{HERE}test_domains_are_checked_and_released",),
    "manage.py domains plan customer --as NAME --reason TEXT": (PROPOSALS,),
    "manage.py domains rollback": (PROPOSALS,),
}
"""Command to the tests that run it."""


def test_every_command_is_covered_and_no_other_is_listed():
    assert set(commands()) == set(COVERED)


def test_the_covering_tests_exist():
    named = {name for names in COVERED.values() for name in names}
    missing = [name for name in named if name.partition("::")[2] not in functions(ROOT / name.partition("::")[0])]

    assert missing == []


def functions(path):
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


@pytest.fixture
def folder(tmp_path):
    """A folder in which the README's relative paths lead to this installation."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    return tmp_path


@pytest.fixture
def shell(folder, transactional_db):
    """Runs a command as it stands, on the test's database; gives what it printed. `then`: what else to run in that shell."""

    def run(command, then=""):
        assert command in commands()
        words = f"{PYTHON} {command}" if command.startswith("manage.py") else command
        environment = {**processes.environment(), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            ["bash", "-c", f"set -e\n{words}\n{then}"], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.slow
def test_a_system_asks_with_a_token_of_its_own(shell, live_server):
    token = shell(next(one for one in commands() if one.startswith("TOKEN=")), then='echo "$TOKEN"').strip()
    calls = [one for one in commands() if one.startswith("curl ")]

    feed, match = (ask(call, token, live_server.url) for call in calls)

    assert feed == {"events": [], "next": 0}
    assert match["candidates"] == []


def ask(call, token, home):
    url, headers, body = request(call, token=token)
    assert url.startswith("http://localhost:8000/")
    sent = urllib.request.Request(url.replace("http://localhost:8000", home), body, headers)
    with urllib.request.urlopen(sent, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.slow
def test_own_data_is_rehearsed_then_loaded(shell, folder):
    rows = ["id,name,country,city", "1,Kestrel Marine Ltd,GB,Leeds", "2,Brightwater Analytics GmbH,DE,Hamburg", "3,,GB,Leeds"]
    (folder / "customers.csv").write_text("\n".join(rows), encoding="utf-8")
    (folder / "names.csv").write_text("alias,native_id\nM-1,1\nM-2,2\n", encoding="utf-8")
    add, *loads, names = [one for one in commands() if any(act in one for act in (" systems add ", " load ", " ids import "))]

    declared = shell(add)
    rehearsed, loaded = (shell(one) for one in loads)
    named = shell(names)

    assert declared == "legacy is declared\n"
    assert rehearsed.splitlines()[0] == "would be: 2 created, 1 quarantined"
    assert loaded.splitlines()[0] == "2 created, 1 quarantined"
    assert set(SourceRecord.objects.values_list("native_id", flat=True)) == {"1", "2"}
    (reject,) = csv.DictReader((folder / "customers.csv.rejects.csv").read_text(encoding="utf-8").splitlines())
    assert (reject["row"], reject["column"]) == ("4", "name")
    assert named == "2 added, 0 unchanged\n"


@pytest.mark.slow
def test_domains_are_checked_and_released(shell):
    checked, released = (shell(f"manage.py domains {act}") for act in ("check", "release"))

    assert checked == f"6 domains are well declared: {', '.join(SHIPPED)}.\n"
    assert released.splitlines() == [f"{name}: unchanged" for name in SHIPPED]


@pytest.mark.slow
def test_matching_works_without_the_hub(folder):
    names = {"ID1": "Kestrel Marine Ltd", "ID2": "Kestrel Marine Limited", "ID3": "Brightwater Analytics GmbH"}
    places = {
        "country": ["GB", "GB", "DE"],
        "city": ["Leeds", "Leeds", "Hamburg"],
        "domain": ["kestrel.co.uk"] * 2 + ["brightwater.de"],
    }
    table = pa.table({"id": list(names), "name": list(names.values()), **places})
    parquet.write_table(table, folder / "customers.parquet")
    resolve, explain = [one for one in commands() if " -m matching " in one]

    resolved, explained = (alone(one, folder) for one in (resolve, explain))

    assert json.loads(resolved.splitlines()[-1])["clusters"] == 2
    clusters = {row["id"]: row["cluster_id"] for row in parquet.read_table(folder / "clusters.parquet").to_pylist()}
    assert clusters["ID1"] == clusters["ID2"] != clusters["ID3"]
    assert [(row["id_a"], row["id_b"]) for row in parquet.read_table(folder / "pairs.parquet").to_pylist()] == [("ID1", "ID2")]
    assert json.loads(explained.splitlines()[-1])["pair"] == ["ID1", "ID2"]
    assert "same words, a rare name: kestrel marine | kestrel marine" in explained


def alone(command, folder):
    """The output of a command that needs no database."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_make_has_the_targets_and_run_starts_the_story():
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {one.removeprefix("make ") for one in commands() if one.startswith("make ")}

    assert {name for name in targets if not re.search(rf"^{name}: ## ", rules, re.MULTILINE)} == set()
    assert re.search(r"manage\.py up --with-twins \$\(if \$\(ONCE\),--once-command,--then\) run_story$", rules, re.MULTILINE)
    assert re.search(r'pytest,-m "not soak and not services"', rules)


def test_production_is_what_the_other_tests_start(tmp_path):
    """`up` starts Gunicorn on mdm.wsgi; the tests of kills start these very lines of Celery."""
    programs = {entry.name for entry in importlib.metadata.entry_points(group="console_scripts")}
    with (tmp_path / "log").open("wb") as log:
        celery = Celery({}, log)

    assert {"gunicorn", "celery"} <= programs
    assert "mdm.wsgi" in hub_processes.web().command
    assert f"celery -A mdm worker -Q {','.join(settings.CELERY_TASK_QUEUES)}" in COVERED
    assert celery._command(*Celery.WORKER)[1:] == shlex.split("-A mdm worker -Q critical,sync,bulk,reconcile,default")
