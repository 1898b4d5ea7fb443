"""Web sites and e-mail addresses: the registrable domain is what they have in common, unless it belongs to everyone."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from matching.normalise import lists
from matching.normalise.texts import LONGEST

if TYPE_CHECKING:
    from tldextract import TLDExtract

SITE_PARTS = ("site", "label")
MAIL_PARTS = ("mailbox", "site", "label", "user")

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/*")
_HOST = re.compile(r"^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")
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
    is_role = user.split("+")[0] in lists.single("roles")
    personal = None if is_role else user
    if domain in hosts_of_all():
        return (None if is_role else f"{user}@{domain}"), None, None, personal
    return (None if is_role else f"{user}@{domain}"), domain, label, personal


def registrable(value: str) -> tuple[str | None, str | None]:
    """The domain that someone registered (acme.co.uk) and its label (acme); None when the text is no host name."""
    host = host_of(value)
    if host is None:
        return None, None
    parts = _extractor()(host)
    if not parts.suffix or not parts.domain:
        return None, None
    return f"{parts.domain}.{parts.suffix}", parts.domain


def host_of(value: str) -> str | None:
    """The host of a URL or bare name, lower case, in IDNA letters; None when it is none."""
    text = _SCHEME.sub("", value[:LONGEST].strip().lower())
    host = re.split(r"[/?#\s]", text, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".")
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
def _extractor() -> TLDExtract:
    """Splits by the public suffix list that the package bundles; never goes to the network or the disk cache."""
    # Imported on first use: it costs 60 ms, and `import matching` must stay cheap.
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)
