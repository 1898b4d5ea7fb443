"""Names and codes of projects: what is being done, apart from the numbers that tell one project of a series from the next."""

from __future__ import annotations

import re

from matching.normalise.texts import is_placeholder, words

PARTS = ("core", "series")

_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}
_NUMBER_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "first": "1", "second": "2", "third": "3", "fourth": "4"}
_STAGES = frozenset(
    [
        "phase",
        "ph",
        "stage",
        "wave",
        "step",
        "release",
        "rel",
        "lot",
        "part",
        "teil",
        "tranche",
        "version",
        "v",
        "sprint",
        "increment",
        "year",
        "y",
        "fy",
        "q",
        "quarter",
        "sow",
        "po",
    ]
)
_YEAR = re.compile(r"^(?:fy)?(?:19|20)\d\d$")
_SHORT_YEAR = re.compile(r"^fy(\d\d)$")
_GLUED = re.compile(r"^(phase|ph|stage|wave|rel|v|q|p|lot|y|year|part|sow)(\d{1,3})$")
_WORDS = {
    "impl": "implementation",
    "implement": "implementation",
    "implementing": "implementation",
    "migr": "migration",
    "mig": "migration",
    "transf": "transformation",
    "xform": "transformation",
    "mgmt": "management",
    "mgt": "management",
    "sys": "system",
    "systems": "system",
    "svcs": "services",
    "svc": "services",
    "service": "services",
    "dev": "development",
    "devt": "development",
    "maint": "maintenance",
    "supp": "support",
    "intg": "integration",
    "integr": "integration",
    "int": "integration",
    "assess": "assessment",
    "assmt": "assessment",
    "strat": "strategy",
    "opt": "optimisation",
    "optimization": "optimisation",
    "fin": "finance",
    "financial": "finance",
    "mod": "modernisation",
    "modernization": "modernisation",
    "digitalization": "digitalisation",
    "prog": "programme",
    "program": "programme",
    "proj": "project",
    "prj": "project",
    "rollout": "rollout",
    "infra": "infrastructure",
    "arch": "architecture",
    "cons": "consulting",
    "advisory": "advisory",
    "env": "environment",
    "app": "application",
    "apps": "application",
    "applications": "application",
    "org": "organisation",
    "organization": "organisation",
    "reorg": "reorganisation",
    "ops": "operations",
    "eval": "evaluation",
    "req": "requirements",
    "reqs": "requirements",
}
_FILLERS = frozenset(["project", "the", "of", "for", "and", "a", "an", "to", "in", "on", "with", "at"])


def project_name(value: str) -> tuple[str | None, str | None]:
    """The words of the work, and the sorted numbers of its series: phase, year, wave ("Phase 2" -> "2", "FY26" -> "2026")."""
    if is_placeholder(value):
        return None, None
    core: list[str] = []
    series: list[str] = []
    tokens = [part for token in words(value[:300].lower().replace("roll-out", "rollout")) for part in _parted(token)]
    for place, token in enumerate(tokens):
        number = _series_number(token, tokens[place - 1] if place else "")
        if number:
            series.append(number)
        elif token not in _STAGES:
            core.append(_WORDS.get(token, token))
    kept = [word for word in core if word not in _FILLERS] or core
    return " ".join(kept) or None, " ".join(sorted(set(series))) or None


def _parted(token: str) -> list[str]:
    found = _GLUED.match(token)
    return [found[1], found[2]] if found else [token]


def _series_number(token: str, before: str) -> str | None:
    """The number a word stands for, when it is one that tells projects of a series apart."""
    if found := _SHORT_YEAR.match(token):
        return "20" + found[1]
    if _YEAR.match(token):
        return token[-4:]
    if before in _STAGES:
        token = _ROMAN.get(token, _NUMBER_WORDS.get(token, token))
        return (token.lstrip("0") or "0") if token.isdigit() else None
    if token in _ROMAN and len(token) > 1:
        return _ROMAN[token]
    return (token.lstrip("0") or "0") if token.isdigit() and len(token) <= 3 else None


def project_code(value: str) -> tuple[str | None, str | None]:
    """The code without punctuation, and its last run of four or more digits ("PRJ-2025-00417" -> "417")."""
    if is_placeholder(value):
        return None, None
    tokens = words(value[:80])
    runs = re.findall(r"\d+", " ".join(tokens))
    number = runs[-1].lstrip("0") if runs and len(runs[-1]) >= 3 else None
    return "".join(tokens).upper() or None, number or None
