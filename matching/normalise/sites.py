"""Web sites and e-mail addresses: the registrable domain is what they have in common, unless it belongs to everyone."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from matching.normalise import lists
from matching.normalise.texts import LONGEST

SITE_PARTS = ("site", "label")
MAIL_PARTS = ("mailbox", "site", "label", "user")

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/*")
_HOST = re.compile(r"^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")
_END_OF_HOST = re.compile(r"[/?#\s]")
_USER = re.compile(r"^[a-z0-9!#$%&'*+/=?^_{|}~.-]{1,64}$")


def site(value: str) -> tuple[str | None, str | None]:
    """Registrable domain and its name without the ending; nothing for free-mail hosts and social networks."""
    domain, label = registrable(value)
    return (None, None) if domain is None or domain in hosts_of_all() else (domain, label)


def mail(value: str) -> tuple[str | None, str | None, str | None, str | None]:
    """Mailbox, registrable domain, its name without the ending, and the part before the @.

    A role mailbox (info@, sales@) of a free-mail host is nobody's; a personal one is kept as a mailbox without a domain.
    """
    user, at, host = value[:LONGEST].strip().lower().rpartition("@")
    user = user.removeprefix("mailto:").strip()
    domain, label = registrable(host) if at else (None, None)
    if domain is None or not _USER.match(user):
        return None, None, None, None
    is_role = user.partition("+")[0] in lists.single("roles")
    personal = None if is_role else user
    if domain in hosts_of_all():
        return (None if is_role else f"{user}@{domain}"), None, None, personal
    return (None if is_role else f"{user}@{domain}"), domain, label, personal


def registrable(value: str) -> tuple[str | None, str | None]:
    """The domain that someone registered (acme.co.uk) and its label (acme); None when the text is no host name."""
    host = host_of(value)
    if host is None:
        return None, None
    labels = host.split(".")
    size = _suffix_size(labels)
    if not 0 < size < len(labels):
        return None, None
    return ".".join(labels[-size - 1 :]), labels[-size - 1]


def _suffix_size(labels: list[str]) -> int:
    """How many labels at the end are a public suffix, 0 when none. Source: the algorithm of publicsuffix.org."""
    if labels[-1] in _plain_endings():
        return 1
    rules = suffixes()
    rest = ".".join(labels)
    for left in range(len(labels), 0, -1):
        behind = rest[len(labels[-left]) + 1 :]
        if rest in rules:
            return left
        if behind and f"*.{behind}" in rules:
            return left - 1 if f"!{rest}" in rules else left
        rest = behind
    return 0


def host_of(value: str) -> str | None:
    """The host of a URL or bare name, lower case, in IDNA letters; None when it is none."""
    host = value[:LONGEST].strip().lower()
    # Most hosts stand alone; what would surround one is only looked for where they do not.
    if _HOST.match(host):
        return host
    text = _SCHEME.sub("", host)
    host = _END_OF_HOST.split(text, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return host if _HOST.match(host) else None


@cache
def hosts_of_all() -> frozenset[str]:
    """Domains that many unrelated people use: free mail, social networks, page builders."""
    return lists.single("mail_hosts")


@cache
def suffixes() -> frozenset[str]:
    """Rules of the public suffix list that tldextract bundles, without those of its private part."""
    # Read as a file: importing tldextract takes 60 ms, most of it for how to fetch a newer list, which never happens here.
    package = find_spec("tldextract")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("the package tldextract, whose public suffix list is read, is not installed")
    listed = Path(package.origin).with_name(".tld_set_snapshot").read_text("utf-8").partition("// ===BEGIN PRIVATE DOMAINS===")[0]
    rules = [line.split()[0] for line in listed.splitlines() if line.strip() and not line.startswith("//")]
    return frozenset(rule if rule.isascii() else ".".join(map(_in_ascii, rule.split("."))) for rule in rules)


@cache
def _plain_endings() -> frozenset[str]:
    """Endings under which every name is one that someone registered (com, de), which is most of them."""
    rules = suffixes()
    return frozenset(rule for rule in rules if "." not in rule) - {rule.rpartition(".")[2] for rule in rules if "." in rule}


def _in_ascii(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
