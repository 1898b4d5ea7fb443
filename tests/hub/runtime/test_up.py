"""`manage.py up` as a person meets it: one tree that starts, heals, refuses with a sentence, and stops."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from kombu import Connection

from mdm import embedded
from mdm.embedded import places, server
from tests.hubs import ADDRESS, ROOT, Hub, data_folder, environment, free_port, running, soon

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]


@pytest.fixture
def data() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., Hub]]:
    hubs: list[Hub] = []
    yield lambda *how, **more: hubs.append(Hub(*how, **more)) or hubs[-1]  # type: ignore[func-returns-value]
    for hub in hubs:
        hub.process.kill()
        hub.process.wait()


def test_up_heals_after_kill_9_of_everything_restarts_a_killed_worker_and_stops_in_order(data, start):
    port = free_port()
    first = start(data, port)
    assert soon(lambda: first.has_said(ADDRESS.pattern)), first.log.read_text()
    assert first.answers()
    everything = [*first.tree(), *server.orphans(places.locate(data))]
    secret = embedded.own_secret(data)

    for pid in everything:
        with contextlib.suppress(ProcessLookupError):  # gone with its parent
            os.kill(pid, signal.SIGKILL)
    first.process.wait()
    second = start(data, port)

    assert soon(lambda: second.has_said(ADDRESS.pattern)), second.log.read_text()
    assert second.answers()
    assert embedded.own_secret(data) == secret
    assert refusal(data, free_port()) == (
        f"error: The hub on {data} runs already (process {second.process.pid}); stop it, or name another CONCORD_DATA."
    )

    pid = next(pid for pid in second.tree() if b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(pid, signal.SIGKILL)
    assert soon(lambda: second.has_said(r"worker ended \(by signal SIGKILL\); starting it again in 1 s"))
    os.kill(embedded.pid(data), signal.SIGKILL)
    assert soon(lambda: second.has_said(r"postgres ended .*; starting it again")), second.log.read_text()
    assert soon(lambda: second.answers())

    everything = [*second.tree(), *server.orphans(places.locate(data))]
    second.process.send_signal(signal.SIGTERM)
    assert second.process.wait(timeout=60) == 0
    assert soon(lambda: not running(everything), 5), running(everything)
    assert second.log.read_text().splitlines()[-1] == "up: stopped"


def refusal(data: Path, port: int, more: Mapping[str, str] | None = None) -> str:
    """What `up` says when it refuses; one line, no traceback."""
    command = [sys.executable, str(ROOT / "manage.py"), "up"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=environment(data, port, **(more or {})), check=False
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_a_taken_port_is_named_with_the_way_out(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        said = refusal(data, port)

    assert said == (
        f"error: Port {port} on 127.0.0.1 cannot be used (Address already in use); "
        "stop what listens there or set CONCORD_PORT to another one."
    )
    assert embedded.pid(data) is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"CONCORD_DATA": "/proc/concord"}, r"The data folder /proc/concord cannot be used \(.*\); .* CONCORD_DATA\."),
        ({"CONCORD_PORT": "web"}, r"CONCORD_PORT='web' is not a whole number\."),
        ({"CONCORD_DEBUG": "perhaps"}, r"CONCORD_DEBUG='perhaps' is neither yes nor no; write 1 or 0\."),
        ({"CONCORD_PRODUCTION": "1"}, r"CONCORD_SECRET_KEY is unset; .*"),
        (
            {"CONCORD_SECRET_KEY_FILE": "/no/such"},
            r"CONCORD_SECRET_KEY_FILE='/no/such' cannot be read: No such file or directory\.",
        ),
        ({"DATABASE_URL": "postgresql:nonsense"}, r"DATABASE_URL is no PostgreSQL address; .*"),
        (
            {"DATABASE_URL": "postgresql://ann:pass-word@127.0.0.1:1/mdm"},
            r"DATABASE_URL does not lead to a usable PostgreSQL: .*port 1 failed: Connection refused\. Mend it, or unset it .*",
        ),
        ({"CELERY_BROKER_URL": "smtp://x"}, r"CELERY_BROKER_URL: 'smtp' is not one of pgmq, amqp, .*\."),
        ({"CONCORD_LOG": "loud"}, r"CONCORD_LOG: 'LOUD' is not one of DEBUG, INFO, .*\."),
    ],
    ids=lambda value: next(iter(value.items()))[0] if isinstance(value, dict) else "",
)
def test_a_bad_setting_names_itself_and_stops_the_start(data, settings, said):
    line = refusal(data, free_port(), settings)

    assert re.fullmatch(f"error: {said}", line), line
    assert "pass-word" not in line


def test_a_broker_that_does_not_answer_is_named_without_its_password(data):
    line = refusal(data, free_port(), {"CELERY_BROKER_URL": "amqp://ann:pass-word@127.0.0.1:1//"})

    assert re.fullmatch(r"error: CELERY_BROKER_URL=amqp://ann:\*\*@127\.0\.0\.1:1// does not answer: .*refused.*", line), line
    assert embedded.pid(data) is None  # what was started for the check is stopped again


@pytest.mark.services
@pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="make test-services names the services")
def test_up_runs_on_a_postgresql_and_a_broker_of_the_machine_and_leaves_its_own_out(data, start):
    names = ("DATABASE_URL", "CELERY_BROKER_URL")
    hub = start(data, free_port(), **{name: os.environ[name] for name in names})

    assert soon(lambda: hub.has_said(ADDRESS.pattern)), hub.log.read_text()
    assert hub.answers()
    with Connection(os.environ["CELERY_BROKER_URL"]) as link:
        assert soon(lambda: consumers(link, "critical") == 1), hub.log.read_text()
        assert soon(lambda: waiting(link, "critical") == 0), "ticks pile up"
    assert not (data / "postgres").exists()
    hub.process.send_signal(signal.SIGTERM)
    assert hub.process.wait(timeout=60) == 0


def consumers(link: Connection, queue: str) -> int:
    try:
        return link.default_channel.queue_declare(queue, passive=True).consumer_count
    except link.channel_errors:  # not there yet; a refused question closes the channel
        link.close()
        return 0


def waiting(link: Connection, queue: str) -> int:
    return link.default_channel.queue_declare(queue, passive=True).message_count
