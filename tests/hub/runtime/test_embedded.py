"""The embedded PostgreSQL: made, reused, healed after kill -9, refused with a sentence."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from mdm import embedded
from mdm.embedded import places, server
from mdm.errors import BadConfiguration

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

ROOT = Path(embedded.__file__).parents[2]
START = """
import sys
from pathlib import Path
from mdm import embedded
embedded.ensure_running(Path(sys.argv[1]))
print(embedded.pid(Path(sys.argv[1])))
"""


@contextmanager
def folder() -> Iterator[Path]:
    # Not tmp_path: pytest closes its root folder to other users, and as root the server runs as another user.
    made = Path(tempfile.mkdtemp(prefix="concord-test-"))
    yield made
    embedded.stop(made)
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def stopped() -> Iterator[Path]:
    """A data folder as a stopped server leaves it, to be copied."""
    with folder() as made:
        embedded.ensure_running(made)
        embedded.stop(made)
        yield made


@pytest.fixture
def empty() -> Iterator[Path]:
    with folder() as made:
        yield made


@pytest.fixture
def data(empty: Path, stopped: Path) -> Path:
    subprocess.run(["cp", "-a", f"{stopped}/.", str(empty)], check=True)
    return empty


def ask(data: Path, question: str) -> object:
    with psycopg.connect(**embedded.connection(data), autocommit=True) as connection:
        answer = connection.execute(question)
        return answer.fetchone()[0] if answer.description else None


def in_another_process(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", START, str(data)], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def as_nobody(data: Path) -> subprocess.CompletedProcess[str]:
    """The same as user 65534, with the system's Python, because root's own may lie in a closed folder."""
    paths = {"PYTHONPATH": f"{ROOT}:{places.programs().parents[2]}", "PYTHONDONTWRITEBYTECODE": "1"}
    who = {"user": 65534, "group": 65534, "extra_groups": []}
    return subprocess.run(["/usr/bin/python3", "-c", START, str(data)], capture_output=True, text=True, cwd="/", env=paths, **who)


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.01)


def test_the_first_start_makes_a_database_and_the_second_start_reuses_it(empty):
    embedded.ensure_running(empty)
    first = embedded.pid(empty)
    ask(empty, "CREATE TABLE kept AS SELECT 42 AS n")
    embedded.ensure_running(empty)

    assert embedded.pid(empty) == first
    assert ask(empty, "SHOW server_encoding") == "UTF8"
    assert ask(empty, "SHOW listen_addresses") == ""
    assert ask(empty, "SELECT datlocale FROM pg_database WHERE datname = 'concord'") == "C.UTF-8"
    assert embedded.stop(empty)
    assert not embedded.stop(empty)
    embedded.ensure_running(empty)
    assert ask(empty, "SELECT n FROM kept") == 42


def test_trigrams_know_letters_beyond_ascii(data):
    embedded.ensure_running(data)
    ask(data, "CREATE EXTENSION pg_trgm")

    assert ask(data, "SELECT similarity('Газпром нефть', 'ГАЗПРОМ')") > 0.5
    assert ask(data, "SELECT lower('ÄÖΩЖ')") == "äöωж"


def test_kill_9_of_the_server_heals_even_with_a_busy_backend_and_keeps_what_was_committed(data):
    embedded.ensure_running(data)
    ask(data, "CREATE TABLE kept AS SELECT 42 AS n")
    spin = "DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$"
    busy = psycopg.connect(**embedded.connection(data), autocommit=True)
    busy.pgconn.send_query(spin.encode())
    time.sleep(0.1)
    old = embedded.pid(data)

    kill(old)
    embedded.ensure_running(data)

    assert embedded.pid(data) not in (None, old)
    assert ask(data, "SELECT n FROM kept") == 42
    assert ask(data, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %'") == 0
    busy.close()


def test_kill_9_of_every_server_process_heals(data):
    embedded.ensure_running(data)
    everyone = server.orphans(places.locate(data))

    kill(*everyone)
    embedded.ensure_running(data)

    assert len(everyone) > 3
    assert ask(data, "SELECT 1") == 1


def test_a_lock_file_whose_pid_now_belongs_to_somebody_else_heals_and_spares_that_process(data):
    embedded.ensure_running(data)
    kill(*server.orphans(places.locate(data)))
    lock = data / "postgres" / "cluster" / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"]) as stranger:
        lock.write_text(f"{stranger.pid}\n" + lock.read_text().partition("\n")[2])

        embedded.ensure_running(data)

        assert stranger.poll() is None
        assert ask(data, "SELECT 1") == 1
        stranger.kill()


@pytest.mark.parametrize("after", [0.2, 0.5])
def test_a_first_start_killed_half_way_starts_over(empty, after):
    with in_another_process(empty) as process:
        time.sleep(after)
        process.kill()

    embedded.ensure_running(empty)

    assert ask(empty, "SELECT current_database()") == "concord"


def test_starts_at_the_same_time_make_one_server(empty):
    starts = [in_another_process(empty) for _ in range(4)]
    pids = {process.communicate(timeout=60)[0].strip() for process in starts}

    assert pids == {str(embedded.pid(empty))}


def test_a_path_too_long_for_a_socket_still_works():
    top = Path(tempfile.mkdtemp(prefix="concord-test-"))
    data = top / ("long" * 25)

    embedded.ensure_running(data)

    folder = Path(embedded.connection(data)["host"])
    assert folder.parent == Path("/tmp")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert ask(data, "SELECT 1") == 1
    embedded.stop(data)
    shutil.rmtree(top)
    folder.rmdir()


def test_a_folder_that_cannot_be_written_is_refused_with_its_name(empty):
    (empty / "file").write_text("not a folder")

    for place in (empty / "file", Path("/proc/concord")):
        with pytest.raises(BadConfiguration, match=f"^The data folder {place} cannot be used .* CONCORD_DATA.$"):
            embedded.ensure_running(place)
        with pytest.raises(BadConfiguration, match=f"{place} cannot be used"):
            embedded.own_secret(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused_with_the_owner(empty):
    (empty / "postgres" / "socket").mkdir(parents=True)
    os.chown(empty / "postgres" / "socket", 65534, 65534)

    with pytest.raises(BadConfiguration, match=r"socket belongs to user nobody; start as that user"):
        embedded.ensure_running(empty)


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/usr/bin/python3").exists(), reason="needs root to become another user")
def test_an_ordinary_user_runs_it_in_a_folder_of_its_own_and_is_told_when_it_may_not_write(empty):
    refused = as_nobody(empty / "closed")
    os.chown(empty, 65534, 65534)
    taken = as_nobody(empty)

    assert f"The data folder {empty}/closed cannot be used (Permission denied)" in refused.stderr
    assert int(taken.stdout) == embedded.pid(empty)
    assert Path(f"/proc/{int(taken.stdout)}").stat().st_uid == 65534
    assert ask(empty, "SELECT 1") == 1  # root may come in, too


def test_files_of_another_major_version_are_refused_untouched(data):
    embedded.ensure_running(data)
    embedded.stop(data)
    version = data / "postgres" / "cluster" / "PG_VERSION"
    version.write_text("17\n")

    with pytest.raises(BadConfiguration, match="made by PostgreSQL 17, this hub brings 18; dump"):
        embedded.ensure_running(data)

    assert (data / "postgres" / "cluster" / "global" / "pg_control").exists()


def test_data_without_a_version_is_never_deleted(data):
    embedded.ensure_running(data)
    embedded.stop(data)
    (data / "postgres" / "cluster" / "PG_VERSION").unlink()

    with pytest.raises(BadConfiguration, match="has data but no PG_VERSION; restore it"):
        embedded.ensure_running(data)

    assert (data / "postgres" / "cluster" / "base").is_dir()


def test_a_server_that_cannot_start_says_why_and_where_its_log_is(data):
    embedded.ensure_running(data)
    embedded.stop(data)
    with (data / "postgres" / "cluster" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")

    with pytest.raises(BadConfiguration, match=r"did not start: .*no_such_setting.*; its log is .*server\.log"):
        embedded.ensure_running(data)


def test_the_secret_is_made_once_and_kept_from_others(empty):
    first = embedded.own_secret(empty)

    assert len(first) > 50
    assert embedded.own_secret(empty) == first
    assert (empty / "secret_key").stat().st_mode & 0o777 == 0o600
