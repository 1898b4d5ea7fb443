"""Which systems are connected follows from the environment."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from connectors import http, registry
from connectors.base import Cursor
from connectors.errors import ConnectorError, ErrorClass
from connectors.manifest import ErrorRule, Limits
from mdm import ports
from mdm.errors import BadConfiguration

NETSUITE = {
    "NETSUITE_URL": "http://localhost:1",
    "NETSUITE_ACCOUNT": "1_SB1",
    "NETSUITE_CONSUMER_KEY": "ck",
    "NETSUITE_CONSUMER_SECRET": "cs",
    "NETSUITE_TOKEN_ID": "ti",
    "NETSUITE_TOKEN_SECRET": "ts",
}


@pytest.fixture(autouse=True)
def _register_is_put_back():
    before = dict(ports._connectors)
    yield
    ports._connectors.clear()
    ports._connectors.update(before)


def test_nothing_set_means_nothing_connected():
    assert registry.configured({}) == ()


def test_a_system_with_all_its_settings_reports_and_is_kept():
    registry.report(NETSUITE)

    connector = ports.connector("netsuite")
    assert connector is ports.connector("netsuite")
    assert (connector.system, connector.batch_size) == ("netsuite", 50)
    connector.close()


def test_half_of_the_settings_stop_the_start_and_name_the_rest():
    half = {name: value for name, value in NETSUITE.items() if "TOKEN" not in name}

    with pytest.raises(BadConfiguration) as caught:
        registry.report(half)

    assert "NETSUITE_TOKEN_ID is not set" in caught.value.message
    assert "NETSUITE_TOKEN_SECRET is not set" in caught.value.message


def test_a_secret_may_stand_in_a_file(tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    environment = NETSUITE | {"NETSUITE_TOKEN_SECRET": "", "NETSUITE_TOKEN_SECRET_FILE": str(tmp_path / "secret")}

    connector = registry.build("netsuite", environment)

    assert connector._room._door._auth._client.token_secret == "from the file"
    connector.close()


@pytest.mark.parametrize("system", ["workday", "unheard of"])
def test_files_and_strangers_have_no_connector(system):
    with pytest.raises(BadConfiguration, match="No connector speaks to"):
        registry.build(system, NETSUITE)


def test_a_forked_process_does_not_share_connections(monkeypatch):
    registry.report(NETSUITE)
    here = ports.connector("netsuite")

    monkeypatch.setattr(os, "getpid", lambda: -1)
    child = ports.connector("netsuite")

    assert child is not here
    child.close()
    here.close()


def test_a_cursor_comes_back_from_its_text():
    at = Cursor(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC))

    assert Cursor.read(at.text()) == at


@pytest.mark.parametrize("text", [None, "", "{}", "no", "[1]", '{"since": 5}'])
def test_what_is_no_cursor_is_the_beginning(text):
    assert Cursor.read(text) == Cursor()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("soon", None), (None, None)],
    ids=["seconds", "fraction", "past", "nonsense", "none"],
)
def test_the_wait_a_system_asks_for(header, seconds):
    answer = httpx2.Response(429, headers={"Retry-After": header} if header else {})

    assert http._asked(answer, ErrorRule(ErrorClass.THROTTLE, wait_header="Retry-After")) == seconds


def test_a_wait_until_a_date_is_a_wait_in_seconds():
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    answer = httpx2.Response(429, headers={"Retry-After": until})

    assert 85 < http._asked(answer, ErrorRule(ErrorClass.THROTTLE, wait_header="Retry-After")) <= 90


@pytest.mark.parametrize(
    ("call", "tries"),
    [(http.Call("POST", "/x"), 1), (http.Call("PATCH", "/x"), 3), (http.Call("POST", "/x", is_repeatable=True), 3)],
)
def test_a_call_without_an_answer_is_repeated_only_when_that_does_no_harm(call, tries):
    waits = []
    door = http.Door(
        base_url="http://127.0.0.1:1",  # nobody listens on port 1
        auth=http.Authentication(),
        limits=Limits(attempts=3),
        rules=(),
        explain=lambda answer: ("", ""),
        sleep=waits.append,
    )

    with pytest.raises(ConnectorError) as caught:
        door.call(call)
    door.close()

    assert (caught.value.code, caught.value.permanent) == ("connection_lost", False)
    assert len(waits) == tries - 1
