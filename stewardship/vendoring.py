"""The files of others that the desk serves: listed with their hashes, packed by npm, committed."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static" / "vendor"
Package = Mapping[str, Any]


def packages() -> list[Package]:
    """What vendor.toml lists."""
    return list(tomllib.loads((HERE / "vendor.toml").read_text(encoding="utf-8"))["package"])


def problems() -> list[str]:
    """Every listed file that is missing or not the one that was listed, and every file that nobody listed."""
    wanted = dict(_wanted())
    found = {path for path in STATIC.rglob("*") if path.is_file()}
    wrong = [f"{path.relative_to(STATIC)} is missing" for path in wanted if path not in found]
    wrong += [f"{path.relative_to(STATIC)} is not listed in vendor.toml" for path in found - set(wanted)]
    return sorted(
        wrong + [f"{path.relative_to(STATIC)} has another hash" for path in found & set(wanted) if _hash(path) != wanted[path]]
    )


def fetch(package: Package) -> None:
    """Pack one package and copy its listed files; the icons it lists become one sprite."""
    folder = STATIC / package["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        wanted = f"{package['name']}@{package['version']}"
        subprocess.run(["npm", "pack", wanted], cwd=place, check=True, capture_output=True)
        (archive,) = Path(place).glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extractall(place, filter="data")
        root = Path(place) / "package"
        for file in package["file"]:
            (folder / file["to"]).write_bytes((root / file["from"]).read_bytes())
        if icons := package.get("icons"):
            (folder / "sprite.svg").write_text(_sprite(root / "icons", icons), encoding="utf-8")


def notices() -> str:
    """THIRD_PARTY.md: what is not ours, under which licence."""
    lines = ["# Files of others", "", "Served by the desk as they were published; hashes stand in `stewardship/vendor.toml`.", ""]
    lines += ["| package | version | licence | used for |", "|---|---|---|---|"]
    lines += [f"| {p['name']} | {p['version']} | {p['licence']} | {p['use']} |" for p in packages()]
    return "\n".join([*lines, "", "Each folder under `stewardship/static/vendor/` holds the licence text.", ""])


def _wanted() -> Iterator[tuple[Path, str]]:
    for package in packages():
        folder = STATIC / package["folder"]
        for file in package["file"]:
            yield folder / file["to"], file["sha256"]
        if "sprite_sha256" in package:
            yield folder / "sprite.svg", package["sprite_sha256"]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sprite(folder: Path, icons: list[str]) -> str:
    """One file of symbols that pages refer to by name."""
    look = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name in icons:
        drawing = re.search(r"<svg.*?>(.*)</svg>", (folder / f"{name}.svg").read_text(encoding="utf-8"), re.S)
        assert drawing is not None
        inner = re.sub(r"\s*\n\s*", "", drawing.group(1))
        lines.append(f'<symbol id="{name}" {look}>{inner}</symbol>')
    return "\n".join([*lines, "</svg>", ""])
