"""A room fits in a head: files, functions and folders stay small."""

from __future__ import annotations

from collections import Counter

from tests.house import code

MOST_LINES, MOST_TEST_LINES, MOST_FUNCTION_LINES, MOST_MODULES = 400, 600, 50, 14
EXCEPTIONS: dict[str, str] = {}
"""Name to the reason why it may be larger."""


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_files_have_400_lines_at_most():
    sizes = {code.name(path): lines(path) for path in code.files()}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:10]
    print("largest files:", *(f"\n  {size:4} {name}" for name, size in largest))  # noqa: T201 (shown with -s)

    assert {name: size for name, size in sizes.items() if size > MOST_LINES and name not in EXCEPTIONS} == {}


def test_test_files_have_600_lines_at_most():
    sizes = {code.name(path): lines(path) for path in code.files("tests")}

    assert {name: size for name, size in sizes.items() if size > MOST_TEST_LINES and name not in EXCEPTIONS} == {}


def test_functions_have_50_lines_at_most():
    sizes = {f"{code.name(path)}:{node.name}": code.length(node) for path in code.files() for node in code.functions(path)}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:10]
    print("largest functions:", *(f"\n  {size:4} {name}" for name, size in largest))  # noqa: T201 (shown with -s)

    assert {name: size for name, size in sizes.items() if size > MOST_FUNCTION_LINES and name not in EXCEPTIONS} == {}


def test_folders_have_14_modules_at_most():
    counts = Counter(str(path.parent.relative_to(code.ROOT)) for path in code.files() if path.name != "__init__.py")

    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES and folder not in EXCEPTIONS} == {}


def test_every_exception_is_still_needed():
    names = {code.name(path) for path in code.files()} | {str(path.parent.relative_to(code.ROOT)) for path in code.files()}

    assert {name.partition(":")[0] for name in EXCEPTIONS} <= names
