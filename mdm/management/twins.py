"""The Salesforce and NetSuite twins as processes beside the hub, and the settings that lead the hub to them.

Everything here is text: the hub and the twins do not import each other. Keys are made on the first start and kept.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from mdm.management.processes import child, module
from mdm.supervisor import Child

NAMES = ("salesforce", "netsuite")
CLIENT, USERNAME, ACCOUNT = "concord-hub", "integration@concord.example", "1234567_SB1"


def ports() -> tuple[int, ...]:
    """The two ports after the hub's own."""
    return tuple(settings.PORT + 1 + number for number in range(len(NAMES)))


def processes() -> list[Child]:
    """One server per twin, each with its own data folder; one process, because its data is one SQLite file."""
    return [_process(name, port) for name, port in zip(NAMES, ports(), strict=True)]


def connections() -> dict[str, str]:
    """The hub's environment variables that point its connectors at the twins."""
    kept = _secrets()
    salesforce, netsuite = (f"http://127.0.0.1:{port}" for port in ports())
    return {
        "TWIN_ADMIN_KEY": kept["admin_key"],
        "SALESFORCE_URL": salesforce,
        "SALESFORCE_CLIENT_ID": CLIENT,
        "SALESFORCE_USERNAME": USERNAME,
        "SALESFORCE_KEY_FILE": str(_folder() / "salesforce_private.pem"),
        "NETSUITE_URL": netsuite,
        "NETSUITE_ACCOUNT": ACCOUNT,
        "NETSUITE_CONSUMER_KEY": kept["consumer_key"],
        "NETSUITE_CONSUMER_SECRET": kept["consumer_secret"],
        "NETSUITE_TOKEN_ID": kept["token_id"],
        "NETSUITE_TOKEN_SECRET": kept["token_secret"],
    }


def _process(name: str, port: int) -> Child:
    options = ["--worker-class=gthread", "--workers=1", "--threads=8", "--no-control-socket", "--log-level=warning"]
    command = [*module("gunicorn"), f"connectors.twins.{name}:app", f"--bind=127.0.0.1:{port}", *options]
    return child(name, command, _environment(name), grace=10)


def _environment(name: str) -> dict[str, str]:
    kept = _secrets()
    own = {
        "salesforce": {
            "TWIN_SALESFORCE_CLIENT_ID": CLIENT,
            "TWIN_SALESFORCE_USERNAME": USERNAME,
            "TWIN_SALESFORCE_PUBLIC_KEY_FILE": str(_folder() / "salesforce_public.pem"),
        },
        "netsuite": {
            "TWIN_NETSUITE_ACCOUNT": ACCOUNT,
            "TWIN_NETSUITE_CONSUMER_KEY": kept["consumer_key"],
            "TWIN_NETSUITE_CONSUMER_SECRET": kept["consumer_secret"],
            "TWIN_NETSUITE_TOKEN_ID": kept["token_id"],
            "TWIN_NETSUITE_TOKEN_SECRET": kept["token_secret"],
        },
    }
    return {"TWIN_DATA": str(_folder() / name), "TWIN_ADMIN_KEY": kept["admin_key"], **own[name]}


def _folder() -> Path:
    folder = settings.DATA_FOLDER / "twins"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _secrets() -> dict[str, str]:
    """The twins' secrets, made together with the key pair, which is written first: half a start makes them again."""
    path = _folder() / "secrets.json"
    if not path.exists():
        _make_key_pair()
        names = ("admin_key", "consumer_key", "consumer_secret", "token_id", "token_secret")
        _write(path, json.dumps({name: secrets.token_hex(32) for name in names}).encode())
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _make_key_pair() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    kind = serialization.Encoding.PEM
    _write(_folder() / "salesforce_private.pem", private.private_bytes(kind, serialization.PrivateFormat.PKCS8, plain))
    public = private.public_key().public_bytes(kind, serialization.PublicFormat.SubjectPublicKeyInfo)
    _write(_folder() / "salesforce_public.pem", public)


def _write(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(path)
