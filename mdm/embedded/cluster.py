"""The database files: made once with initdb, and PostgreSQL's own programs run on them."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Sequence

from mdm.embedded.places import Place, programs
from mdm.errors import BadConfiguration

DATABASE, SUPERUSER = "concord", "postgres"

# The builtin locale sorts by code point and never changes under an index; libc's C.UTF-8 tells pg_trgm what a letter is.
LOCALE = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-messages=C")


def create(place: Place) -> None:
    """Make the cluster unless it is there: initdb beside it, our database in it, then one rename.

    So a start that was killed half-way leaves a draft, never half a cluster.

    Raises:
        BadConfiguration: initdb failed, or what is there cannot be used.
    """
    if (place.cluster / "PG_VERSION").exists():
        _check_version(place)
        return
    if (place.cluster / "global" / "pg_control").exists():
        raise BadConfiguration(f"{place.cluster} has data but no PG_VERSION; restore it from a backup, or move it away.")
    for leftover in (*place.home.glob("draft-*"), place.cluster):
        shutil.rmtree(leftover, ignore_errors=True)
    draft = place.home / f"draft-{secrets.token_hex(4)}"  # a new name: the initdb of a killed start may still be writing
    _must(place, ["initdb", "-D", draft.name, "-U", SUPERUSER, "--auth=trust", *LOCALE])
    _must(place, ["postgres", "--single", "-D", draft.name, "postgres"], told=f"CREATE DATABASE {DATABASE};\n")
    draft.replace(place.cluster)


def run(place: Place, command: Sequence[str], told: str = "") -> subprocess.CompletedProcess[str]:
    """One of PostgreSQL's programs, in the server's folder, as its account, free of the caller's PG* variables.

    `told` is its standard input; the result's stdout holds both outputs.
    """
    who = place.account
    return subprocess.run(
        [str(programs() / command[0]), *command[1:]],
        cwd=place.home,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        input=told,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        umask=0o077,
        start_new_session=True,  # Ctrl-C is for us; the server is stopped in order
        check=False,
        user=who.pw_uid if who else None,
        group=who.pw_gid if who else None,
        extra_groups=[] if who else None,
    )


def reason(output: str) -> str:
    """The line of a program's output that says what went wrong: the first one marked as an error, else the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    marked = [line for line in lines if re.search(r"FATAL|PANIC|ERROR|error\b|could not|unrecognized|No space", line)]
    line = (marked or ["no message", *lines][-1:])[0]
    return re.sub(r"^.* UTC \[\d+\] \w+: +", "", line).rstrip(".")


def _check_version(place: Place) -> None:
    made = (place.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    brought = re.search(r"\d+", _must(place, ["postgres", "--version"]))
    if brought and brought.group() != made:
        raise BadConfiguration(
            f"{place.cluster} was made by PostgreSQL {made}, this hub brings {brought.group()}; "
            "dump the data with the old hub and load it with this one."
        )


def _must(place: Place, command: Sequence[str], told: str = "") -> str:
    done = run(place, command, told)
    if done.returncode or re.search(r"\b(FATAL|PANIC|ERROR)\b", done.stdout):
        why = reason(done.stdout)
        raise BadConfiguration(f"The embedded PostgreSQL in {place.home} could not be made ({command[0]}): {why}.")
    return done.stdout
