"""Things are called by what they are: no rooms for what has no name, no suffixes that say nothing."""

from __future__ import annotations

import ast

from tests.house import code

NAMELESS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "managers",
    "processor",
    "service",
    "services",
    "base_utils",
}
EMPTY_ENDINGS = ("Manager", "Processor", "Helper", "Util", "Utils", "Serializer", "Form", "Mixin", "Abstract", "Impl")


def test_no_module_is_called_by_a_word_without_meaning():
    assert [code.name(path) for path in code.files() if path.stem in NAMELESS or path.parent.name in NAMELESS] == []


def test_no_class_ends_in_a_word_without_meaning():
    found = [
        f"{code.name(path)}:{node.name}"
        for path in code.files()
        for node in ast.walk(code.tree(path))
        if isinstance(node, ast.ClassDef) and node.name.endswith(EMPTY_ENDINGS)
    ]

    assert found == []


def test_every_module_says_what_it_is_for():
    silent = [
        code.name(path)
        for path in code.files()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(code.tree(path))
    ]

    assert silent == []


def test_no_unfinished_work_is_left_in_the_code():
    words = ("TODO", "FIXME", "XXX", "HACK", "NotImplementedError")
    found = [f"{code.name(path)}: {word}" for path in code.files() for word in words if word in path.read_text(encoding="utf-8")]

    assert found == []
