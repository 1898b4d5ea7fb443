"""The PostgreSQL that comes with the hub: made on first use, started, healed after a crash, stopped.

Under the data folder: `postgres/cluster` (the database files), `postgres/socket`, `postgres/server.log`, `start.lock`.
The server listens on its Unix socket only; whoever may enter `postgres/` (mode 700) is trusted.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from mdm.embedded import cluster, places, server
from mdm.errors import BadConfiguration

DATABASE, SUPERUSER = cluster.DATABASE, cluster.SUPERUSER


def connection(data: Path) -> dict[str, str]:
    """libpq keywords of the embedded server under `data`, whether it runs or not."""
    return {"host": str(places.socket_folder(data)), "port": places.PORT, "dbname": DATABASE, "user": SUPERUSER}


def own_secret(data: Path) -> str:
    """The key this installation made for itself on its first start, kept in `data`/secret_key (mode 600).

    Raises:
        BadConfiguration: the folder cannot be written, or the key not read.
    """
    path = data / "secret_key"
    try:
        if not path.exists():
            with places.lock(data):
                _write_secret(path)
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise _unusable(data, error) from error


def ensure_running(data: Path) -> None:
    """Make and start the server unless it answers; two callers at once start one server. Costs under 1 ms when it runs.

    Raises:
        BadConfiguration: it cannot be made or started; the message says why in one sentence.
    """
    try:
        if server.answers(data):
            return
        with places.lock(data):
            if server.answers(data):
                return
            place = places.prepare(data)
            cluster.create(place)
            server.start(place)
    except OSError as error:
        raise _unusable(data, error) from error


def stop(data: Path) -> bool:
    """Stop the server: open transactions are rolled back; after 30 seconds it is cut off. False when it did not run."""
    if not (data / "postgres").is_dir():
        return False
    with places.lock(data):
        place = places.locate(data)
        if server.postmaster(place) is None:
            return False
        server.halt(place)
    return True


def pid(data: Path) -> int | None:
    """The process id of the running server, None when there is none."""
    return server.postmaster(places.locate(data)) if (data / "postgres").is_dir() else None


def log_file(data: Path) -> Path:
    """Where the server writes what it has to say."""
    return data / "postgres" / "server.log"


def _write_secret(path: Path) -> None:
    if path.exists():
        return
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    draft.replace(path)


def _unusable(data: Path, error: OSError) -> BadConfiguration:
    why = error.strerror or str(error)
    return BadConfiguration(
        f"The data folder {data} cannot be used ({why}); make it writable or name another one in CONCORD_DATA."
    )
