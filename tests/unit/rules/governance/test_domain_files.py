from __future__ import annotations

import pytest

from mdm.rules.governance.domain_files import read_document


@pytest.fixture
def read(tmp_path):
    def write_and_read(content):
        path = tmp_path / "file.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_document(path)

    return write_and_read


def test_places_know_their_lines(read):
    document = read("a: 1\nb:\n  - x\n  - c:\n      d: 2\n")

    assert document.data == {"a": 1, "b": ["x", {"c": {"d": 2}}]}
    assert [document.line(place) for place in ((), ("a",), ("b", 1, "c", "d"), ("b", 0))] == [1, 1, 5, 3]


def test_a_place_that_is_not_there_has_the_line_around_it(read):
    assert read("a: 1\nb:\n  c: 2\n").line(("b", "missing", 7)) == 2


def test_yaml_does_not_turn_words_into_other_things(read):
    document = read("NO: yes\nwhen: 2024-01-31\nat: 12:30\nnumber: 012\nnothing: null\ntrue: 1.5\n")

    assert document.data == {"NO": "yes", "when": "2024-01-31", "at": "12:30", "number": "012", "nothing": None, True: 1.5}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"a: \xff", 1, "cannot be read"),
        ("a: 1\nb: [1, 2\n", 3, "is not YAML"),
        ("a: \x00", 1, "is not YAML"),
        ("a: !!python/name:os.system x\n", 1, "is not YAML"),
        ("a: 1\nb: !!int x\n", 1, "is not YAML"),
        ("a: &x {b: 1}\nc: *x\n", 2, "uses the alias *x"),
    ],
    ids=["not utf-8", "unclosed", "nul", "python object", "wrong tag", "alias"],
)
def test_what_cannot_be_read_is_a_finding(read, content, line, message):
    document = read(content)

    (finding,) = document.findings
    assert document.data is None
    assert message in finding.message
    assert document.line(finding.place) == line


def test_a_missing_file_is_a_finding(tmp_path):
    assert "cannot be read" in read_document(tmp_path / "none.yaml").findings[0].message


def test_an_empty_file_is_nothing_without_finding(read):
    document = read("# only a comment\n")

    assert (document.data, document.findings) == (None, ())


def test_a_key_said_twice_is_a_finding_at_the_second(read):
    document = read("a: 1\nb: 2\na: 3\n")

    (finding,) = document.findings
    assert finding.message == "says 'a' twice"
    assert document.line(finding.place) == 3
