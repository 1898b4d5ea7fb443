"""Identifiers, phones, and web sites: things that are meant to be one owner's."""

from __future__ import annotations

import numpy as np

from matching.compare.pairs import Pairs, first_of
from matching.compare.values import one_slip
from matching.types import IntArray, Levels, Mask, TextArray

IDENTIFIER_LEVELS = (
    "same number",
    "same but for one character",
    "different numbers",
    "different numbers, perhaps of different schemes",
)


def identifier(pairs: Pairs) -> Levels:
    """Both records carry the same official number; two different numbers of one scheme speak strongly against.

    Roles: number, and scheme (the country that gave it) where there is one. Returns (n,) int8, 0 where either number is unknown.
    """
    slip = pairs.measured("number", one_slip) > 0
    schemes_agree = pairs.same("scheme") if "scheme" in pairs.columns else np.ones(len(pairs), bool)
    levels: Levels = first_of(len(pairs), pairs.same("number"), slip, schemes_agree)
    return np.where(pairs.both("number"), levels, 0).astype(np.int8)


CODE_LEVELS = ("same code", "same number inside the code", "same but for one character", "different codes")


def project_code(pairs: Pairs) -> Levels:
    """Both records carry the same code, or codes that end in the same number behind other prefixes.

    Roles: code, number. Returns (n,) int8, 0 where either code is unknown.
    """
    slip = pairs.measured("code", one_slip) > 0
    inside = pairs.measured("number", _ends_with) > 0
    levels: Levels = first_of(len(pairs), pairs.same("code"), inside, slip & ~pairs.differ("number"))
    return np.where(pairs.both("code"), levels, 0).astype(np.int8)


def _ends_with(numbers: TextArray, low: IntArray, high: IntArray) -> Mask:
    """One number ends with the other, zeros in between left out: 2504923 and 4923."""
    pairs = zip(numbers[low], numbers[high], strict=True)
    return np.fromiter((one.endswith(other) or other.endswith(one) for one, other in pairs), bool, len(low))


PHONE_LEVELS = ("same number", "same number without its area", "different numbers")


def phone(pairs: Pairs) -> Levels:
    """Both records give the same telephone number, however it is written.

    Roles: number, local. Returns (n,) int8, 0 where either is unknown.
    """
    one_short = pairs.same("local") & ~pairs.both("number")
    levels: Levels = first_of(len(pairs), pairs.same("number"), one_short)
    return np.where(pairs.both("local"), levels, 0).astype(np.int8)


SITE_LEVELS = ("same mailbox", "same site", "same site name, other ending", "different sites")


def web_site(pairs: Pairs) -> Levels:
    """Both records belong to the same web domain; site and e-mail domain are one piece of evidence, a shared mailbox is more.

    Roles: site, label, mailbox. Returns (n,) int8, 0 where a side has no site of its own and the mailboxes do not agree.
    """
    mailbox = pairs.same("mailbox")
    levels: Levels = first_of(len(pairs), mailbox, pairs.same("site"), pairs.same("label"))
    return np.where(pairs.both("site") | mailbox, levels, 0).astype(np.int8)


EMAIL_LEVELS = ("same mailbox", "same name before the @", "same but for spelling", "different mailboxes")


def email(pairs: Pairs) -> Levels:
    """Both records give the same mailbox, or the same name at another host.

    Roles: mailbox, user. Returns (n,) int8, 0 where either is unknown.
    """
    slip = pairs.measured("mailbox", one_slip) > 0
    levels: Levels = first_of(len(pairs), pairs.same("mailbox"), pairs.same("user"), slip)
    return np.where(pairs.both("mailbox"), levels, 0).astype(np.int8)
