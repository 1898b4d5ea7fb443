"""The supervisor with small Python children: order, log, restarts, signals."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mdm import supervisor
from mdm.errors import BadConfiguration
from mdm.supervisor import Child

pytestmark = [pytest.mark.timed, pytest.mark.enable_socket]

LIVES = "import time; print('up', flush=True); time.sleep(60)"
TELLS_ITS_END = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('end of', sys.argv[1], flush=True)))
print('up', flush=True)
time.sleep(60)
"""
HEARS_NOTHING = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def python(name: str, code: str, **how: object) -> Child:
    return Child(name, [sys.executable, "-c", code, name], **how)  # type: ignore[arg-type]


def soon(true: Callable[[], object], seconds: float = 10) -> bool:
    return supervisor.wait_until(lambda: bool(true()), seconds)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_children_stop_in_reverse_order_and_every_line_carries_its_name():
    log = io.StringIO()

    with supervisor.running([python("first", TELLS_ITS_END), python("second", TELLS_ITS_END)], log):
        assert soon(lambda: log.getvalue().count("up") == 2)

    assert log.getvalue().splitlines()[-2:] == ["second | end of second", "first  | end of first"]


def test_a_killed_child_is_started_again():
    log = io.StringIO()

    with supervisor.running([python("web", LIVES)], log) as tree:
        assert soon(lambda: "up" in log.getvalue())
        os.kill(first := tree.pid("web"), signal.SIGKILL)
        assert soon(lambda: log.getvalue().count("| up") == 2)
        second = tree.pid("web")

    assert second not in (None, first)
    assert "web | web ended (by signal SIGKILL); starting it again in 1 s" in log.getvalue()


def test_the_pause_before_a_restart_doubles_and_a_hopeless_child_is_reported(monkeypatch):
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.01)
    log = io.StringIO()

    with supervisor.running([python("web", "raise SystemExit(3)")], log) as tree:
        assert soon(lambda: tree.deaths("web") >= supervisor.REPORT_AFTER, 20)
        assert soon(lambda: "web has died 10 times in a row" in log.getvalue())

    assert "web ended (with code 3)" in log.getvalue()


@pytest.mark.parametrize(("deaths", "pause"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (9, 30)])
def test_the_pause_grows_to_thirty_seconds(deaths, pause):
    assert supervisor.pause_after(deaths) == pause


def test_a_child_that_ignores_sigterm_is_killed_after_its_grace():
    log = io.StringIO()

    with supervisor.running([python("deaf", HEARS_NOTHING, grace=0.3)], log) as tree:
        assert soon(lambda: "up" in log.getvalue())
        pid = tree.pid("deaf")

    assert not alive(pid)
    assert "deaf did not stop in 0.3 s and was killed" in log.getvalue()


def test_what_a_killed_child_left_behind_goes_with_it(tmp_path):
    grandchild = tmp_path / "pid"
    code = f"import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); \
open({str(grandchild)!r}, 'w').write(str(p.pid)); time.sleep(60)"

    with supervisor.running([python("web", code)], io.StringIO()) as tree:
        assert soon(lambda: grandchild.exists() and grandchild.read_text())
        left = int(grandchild.read_text())
        os.kill(tree.pid("web"), signal.SIGKILL)
        gone = soon(lambda: not alive(left))

    assert gone


def script(body: str) -> subprocess.Popen[str]:
    """A supervisor of its own in another process, whose output we read."""
    code = f"import sys\nfrom mdm import supervisor\nfrom mdm.supervisor import Child\nLIVES = {LIVES!r}\n{body}"
    root = Path(supervisor.__file__).parents[1]
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_kill_9_of_the_supervisor_takes_its_children_along():
    body = "with supervisor.running([Child('web', [sys.executable, '-c', LIVES])]) as t:\n"
    body += "    supervisor.wait_until(lambda: t.pid('web'), 5); print(t.pid('web'), flush=True); t.stopping.wait()"
    with script(body) as process:
        lines = [process.stdout.readline(), process.stdout.readline()]
        child = next(int(line) for line in lines if line.strip().isdigit())
        process.kill()
        gone = soon(lambda: not alive(child))

    assert gone


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_tree_and_the_block_hears_of_it(number):
    body = "try:\n    with supervisor.running([Child('web', [sys.executable, '-c', LIVES])]) as t: t.stopping.wait()\n"
    body += "except KeyboardInterrupt: print('told')"
    with script(body) as process:
        assert process.stdout.readline() == "web | up\n"
        process.send_signal(number)
        said = process.stdout.read()

    assert (said, process.returncode) == ("told\n", 0)


def test_nobody_reading_the_log_stops_the_tree():
    body = "try:\n    with supervisor.running([Child('a', ['yes'])]) as t: t.stopping.wait()\n"
    body += "except KeyboardInterrupt: sys.exit(7)"
    with script(body) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=20) == 7


def test_a_second_one_on_the_same_folder_is_told_who_runs_already(tmp_path):
    told = pytest.raises(BadConfiguration, match=f"runs already \\(process {os.getpid()}\\)")
    with supervisor.alone(tmp_path, "up"), told, supervisor.alone(tmp_path, "up"):
        pytest.fail("two at once")

    with supervisor.alone(tmp_path, "up"):
        pass  # free again


def test_a_taken_port_is_named_with_its_remedy():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(BadConfiguration, match=f"Port {port} on 127.0.0.1 cannot be used .*; set CONCORD_PORT"):
            supervisor.check_port("127.0.0.1", port, "set CONCORD_PORT", patience=0)

    supervisor.check_port("127.0.0.1", port, "set CONCORD_PORT", patience=2)


def test_waiting_ends_when_it_is_hopeless():
    began = time.monotonic()

    assert not supervisor.wait_until(lambda: False, 60, lambda: True)
    assert time.monotonic() - began < 1
