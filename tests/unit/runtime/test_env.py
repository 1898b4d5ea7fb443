"""Settings from the environment: values, files, and one sentence for each bad one."""

from __future__ import annotations

import pytest

from mdm import env
from mdm.errors import BadConfiguration


@pytest.mark.parametrize(("value", "flag"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("", False), ("off", False)])
def test_a_flag_is_a_yes_or_no(monkeypatch, value, flag):
    monkeypatch.setenv("CONCORD_X", value)

    assert env.flag("CONCORD_X") is flag


def test_unset_and_empty_give_the_default(monkeypatch):
    monkeypatch.delenv("CONCORD_X", raising=False)
    assert (env.text("CONCORD_X", "a"), env.flag("CONCORD_X", True), env.integer("CONCORD_X", 7)) == ("a", True, 7)

    monkeypatch.setenv("CONCORD_X", "  ")
    assert (env.text("CONCORD_X", "a"), env.integer("CONCORD_X", 7), env.words("CONCORD_X")) == ("a", 7, [])


def test_words_are_cut_at_commas(monkeypatch):
    monkeypatch.setenv("CONCORD_X", "mdm.example.com, localhost,")

    assert env.words("CONCORD_X") == ["mdm.example.com", "localhost"]


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (env.flag, "maybe", "CONCORD_X='maybe' is neither yes nor no; write 1 or 0."),
        (lambda name: env.integer(name, 1), "1.5", "CONCORD_X='1.5' is not a whole number."),
        (lambda name: env.integer(name, 1, least=1, most=9), "10", "CONCORD_X=10 must lie between 1 and 9."),
        (lambda name: env.one_of(name, env.text(name), "a b"), "c", "CONCORD_X: 'c' is not one of a, b."),
        (env.conninfo, "http:secret", "CONCORD_X is no PostgreSQL address; write postgresql://user:password@host:5432/database."),
    ],
    ids=["flag", "integer", "range", "one of", "conninfo"],
)
def test_a_bad_value_names_its_variable(monkeypatch, read, value, said):
    monkeypatch.setenv("CONCORD_X", value)

    with pytest.raises(BadConfiguration) as refused:
        read("CONCORD_X")

    assert refused.value.message == said


def test_a_secret_may_stand_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv("CONCORD_X", "other")
    monkeypatch.setenv("CONCORD_X_FILE", str(tmp_path / "secret"))

    assert env.secret("CONCORD_X") == "s3cret"

    (tmp_path / "secret").unlink()
    with pytest.raises(BadConfiguration, match=r"CONCORD_X_FILE=.* cannot be read: No such file or directory\."):
        env.secret("CONCORD_X")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:p%40ss@db:6432/mdm?sslmode=require",
        "host=db port=6432 dbname=mdm user=ann password=p@ss sslmode=require",
    ],
)
def test_a_database_address_is_a_url_or_libpq_text(monkeypatch, address):
    monkeypatch.setenv("CONCORD_X", address)

    assert env.conninfo("CONCORD_X") == {
        "host": "db",
        "port": "6432",
        "dbname": "mdm",
        "user": "ann",
        "password": "p@ss",
        "sslmode": "require",
    }
