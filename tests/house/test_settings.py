"""Every setting is in dotenv-sample, and nothing is there that nobody reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
READERS = {"text", "flag", "integer", "words", "secret", "one_of", "conninfo"}


def names_in_python() -> Iterator[str]:
    """First arguments of the functions of `mdm.env`, wherever they are called."""
    for folder in ("mdm", "stewardship", "connectors"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS):
                    continue
                if isinstance(node.func.value, ast.Name) and node.func.value.id == "env":
                    assert isinstance(node.args[0], ast.Constant), (
                        f"{path}:{node.lineno} reads a variable whose name is not in the code"
                    )
                    yield node.args[0].value


def names_in_manifests() -> Iterator[str]:
    """`env: NAME` anywhere in the connectors' manifests."""

    def walk(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("env"), str):
                yield node["env"]
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    for path in (ROOT / "connectors" / "systems").glob("*.yaml"):
        yield from walk(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_every_setting_is_in_dotenv_sample_and_the_other_way_round():
    documented = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / "dotenv-sample").read_text(encoding="utf-8"), re.MULTILINE)

    assert len(documented) == len(set(documented))
    assert set(documented) == {*names_in_python(), *names_in_manifests()}


def test_the_environment_is_read_through_env_only():
    allowed = {
        "mdm/env.py",
        "mdm/supervisor.py",  # hands its own environment to its children
        "mdm/management/processes.py",  # PYTHONPATH for the children
        "mdm/management/commands/up.py",  # points connectors at the twins
        "mdm/celery.py",  # DJANGO_SETTINGS_MODULE
        "mdm/wsgi.py",  # DJANGO_SETTINGS_MODULE
        "connectors/registry.py",  # names come from the manifests
        "connectors/story/scenes.py",  # the twins' control plane, from `up --with-twins`
        "connectors/story/stage.py",
    }
    found = {
        str(path.relative_to(ROOT))
        for folder in ("mdm", "stewardship", "connectors")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8")) and "twins" not in path.parts
    }

    assert found <= allowed
