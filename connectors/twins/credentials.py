"""Key material for both twins: made once in a folder, and told to both sides as environment variables."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

_CLIENT_ID = "3MVGtwinConcordIntegration"
_USERNAME = "concord@tarnwell.example"
_ACCOUNT = "1234567_SB1"
_SECRETS = ("admin_key", "consumer_key", "consumer_secret", "token_id", "token_secret")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Secrets of both twins by name, and where the two halves of the Salesforce key are."""

    secrets: Mapping[str, str]
    private_key_file: Path
    public_key_file: Path

    @property
    def admin_key(self) -> str:
        """The key of both control planes."""
        return self.secrets["admin_key"]

    def twin_environment(self, data: Path) -> dict[str, str]:
        """What the twins' servers must find in their environment."""
        return {
            "TWIN_DATA": str(data),
            "TWIN_ADMIN_KEY": self.admin_key,
            "TWIN_SALESFORCE_CLIENT_ID": _CLIENT_ID,
            "TWIN_SALESFORCE_USERNAME": _USERNAME,
            "TWIN_SALESFORCE_PUBLIC_KEY_FILE": str(self.public_key_file),
            "TWIN_NETSUITE_ACCOUNT": _ACCOUNT,
            "TWIN_NETSUITE_CONSUMER_KEY": self.secrets["consumer_key"],
            "TWIN_NETSUITE_CONSUMER_SECRET": self.secrets["consumer_secret"],
            "TWIN_NETSUITE_TOKEN_ID": self.secrets["token_id"],
            "TWIN_NETSUITE_TOKEN_SECRET": self.secrets["token_secret"],
        }

    def client_environment(self, salesforce_url: str, netsuite_url: str) -> dict[str, str]:
        """What a connector must find in its environment to reach the twins."""
        return {
            "SALESFORCE_URL": salesforce_url,
            "SALESFORCE_CLIENT_ID": _CLIENT_ID,
            "SALESFORCE_USERNAME": _USERNAME,
            "SALESFORCE_KEY_FILE": str(self.private_key_file),
            "NETSUITE_URL": netsuite_url,
            "NETSUITE_ACCOUNT": _ACCOUNT,
            "NETSUITE_CONSUMER_KEY": self.secrets["consumer_key"],
            "NETSUITE_CONSUMER_SECRET": self.secrets["consumer_secret"],
            "NETSUITE_TOKEN_ID": self.secrets["token_id"],
            "NETSUITE_TOKEN_SECRET": self.secrets["token_secret"],
        }


def ensure(folder: Path) -> Credentials:
    """The credentials kept in `folder`, made now if there are none."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "twin-secrets.json"
    private_key_file, public_key_file = folder / "salesforce-private.pem", folder / "salesforce-public.pem"
    if not kept.exists():
        _make_key_pair(private_key_file, public_key_file)
        _write_private(kept, json.dumps({name: secrets.token_hex(32) for name in _SECRETS}).encode())
    return Credentials(json.loads(kept.read_text(encoding="ascii")), private_key_file, public_key_file)


def _make_key_pair(private_key_file: Path, public_key_file: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    _write_private(
        private_key_file,
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    public_key_file.write_bytes(public)


def _write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
