"""What a release would do, in words and numbers a person can weigh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Part and name in a plan to the words for it, in the order in which people ask.
COUNTS: Sequence[tuple[str, str, str]] = (
    ("goldens", "changed", "Golden records that get a new version"),
    ("goldens", "merged", "Golden records merged into another"),
    ("goldens", "split", "Golden records split among others"),
    ("goldens", "parted", "Golden records that stay but lose members"),
    ("ids", "retired", "Enterprise IDs that end"),
    ("ids", "born", "New enterprise IDs"),
    ("ids", "restored", "Enterprise IDs that come back"),
    ("decisions", "contradicted", "Decisions of people that the model alone would newly contradict"),
    ("targets", "tasks", "Pushes to systems"),
    ("records", "read_otherwise", "Source records that are read otherwise"),
    ("records", "restandardised", "Source records compared by other values"),
    ("records", "refused", "Source records that the new rules would not let in; they stay"),
    ("pairs", "new", "New pairs"),
    ("pairs", "gone", "Pairs that fall away"),
    ("pairs", "to_auto", "Questions that are joined without asking"),
    ("pairs", "to_review", "Joined pairs that become questions"),
)
TOTALS: Mapping[str, tuple[str, str]] = {
    "goldens": ("goldens", "live"),
    "ids": ("goldens", "live"),
    "decisions": ("decisions", "standing"),
    "records": ("records", "live"),
    "pairs": ("pairs", "before"),
}


STAGES: Mapping[str, str] = {
    "prepare": "how records are read",
    "standardise": "what is compared of them",
    "key": "which of them meet",
    "compare": "how pairs are weighed",
    "cluster": "how records are grouped",
    "survive": "which values survive",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One count. `share`: of what there is, as text; empty where that says nothing."""

    title: str
    count: int
    share: str


def stages(plan: Mapping[str, Any]) -> str:
    """What the change touches, in words; empty for nothing that is stored."""
    return ", ".join(STAGES[name] for name in plan["stages"])


def lines(plan: Mapping[str, Any]) -> list[Line]:
    """The counts of a plan; what is nothing is left out."""
    return [Line(title, plan[part][name], _share(plan, part, name)) for part, name, title in COUNTS if plan[part][name]]


def _share(plan: Mapping[str, Any], part: str, name: str) -> str:
    if part not in TOTALS:
        return ""
    whole, total = TOTALS[part]
    of = plan[whole][total]
    return f"{plan[part][name] / of:.1%} of {of:,}" if of else ""


@dataclass(frozen=True, slots=True)
class Example:
    """One thing that would happen: enterprise IDs that are linked, and the rest in words. `into`: "" is one yet to be born."""

    title: str
    ids: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    text: str = ""


def examples(plan: Mapping[str, Any]) -> Iterator[Example]:
    """A few of each kind; none for who may not see them."""
    found = plan["examples"]
    for kind, title in (("merged", "Merged"), ("split", "Split")):
        for each in found.get(kind, ()):
            yield Example(title, (each["golden"],), tuple(name or "" for name in each["into"]))
    for each in found.get("contradicted", ()):
        word = "the same" if each["verdict"] == "SAME" else "different"
        yield Example("Contradicted", text=f"{each['by']} said that {each['left']} and {each['right']} are {word}")
    for each in found.get("values", ()):
        yield Example("Other values", (each["golden"],), text=", ".join(each["fields"]))
    for kind, title in (("records", "Read otherwise"), ("refused", "Would be refused")):
        for each in found.get(kind, ()):
            yield Example(title, text=f"{each['record']}: {', '.join(each['fields'])}")
