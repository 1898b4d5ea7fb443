"""The commands of the README, as a reader would type them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`((?:manage\.py|make) [^`]+)`")


def commands() -> list[str]:
    """Every command of the shell blocks, one line each, without comments; then those named in the text."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return list(dict.fromkeys([*_of_blocks(text), *_of_the_text(BLOCK.sub("", text))]))


def _of_blocks(text: str) -> Iterator[str]:
    for _, block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if words := re.sub(r"\s#.*$", "", " ".join(line.split())).strip():
                yield words


def _of_the_text(text: str) -> Iterator[str]:
    yield from (" ".join(span.split()) for span in SPAN.findall(text))


def request(command: str, *, token: str) -> tuple[str, dict[str, str], bytes | None]:
    """URL, headers and body of a curl command.

    Raises:
        ValueError: it has an option that this reader does not know.
    """
    words = iter(shlex.split(command.replace("$TOKEN", token))[1:])
    url, headers, body = "", dict[str, str](), None
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words).encode()
        elif word.startswith("http"):
            url = word
        else:
            raise ValueError(f"{word!r} in {command!r}")
    return url, headers, body
