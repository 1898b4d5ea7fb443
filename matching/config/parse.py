"""Plain data to a checked model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matching.compare.catalogue import COMPARATORS
from matching.config.checks import contradictions
from matching.config.model import (
    Attribute,
    Comparison,
    Constraint,
    Derived,
    Given,
    KeyFamily,
    KeyPart,
    Model,
    TermFrequency,
    Thresholds,
    Tie,
)
from matching.config.problems import Reader
from matching.errors import BadConfig
from matching.normalise.kinds import KINDS
from matching.types import Frequencies

SECTIONS = (
    "name",
    "version",
    "attributes",
    "derived",
    "keys",
    "comparisons",
    "constraints",
    "prior",
    "thresholds",
    "tie",
    "frequencies",
    "provenance",
)
FORMS = (
    "whole",
    "sorted",
    "rarest",
    "second",
    "pair",
    "joined",
    "head4",
    "head5",
    "head6",
    "initials",
    "consonants",
    "words",
    "halves",
    "sound",
    "year",
)


def parse(raw: Any) -> Model:
    """Raises BadConfig with all problems at once."""
    read = Reader()
    data = read.mapping(raw, "model")
    read.known(data, SECTIONS, "model")
    fields = _attributes(read, data.get("attributes"))
    made = tuple(f"{a.name}.{part}" for a in fields for part in (KINDS[a.kind].parts if a.kind in KINDS else ()))
    derived = _derived(read, data.get("derived"), made)
    features = made + tuple(d.feature for d in derived)
    frequencies = _frequencies(read, data.get("frequencies"))
    comparisons = _comparisons(read, data.get("comparisons"), features, frequencies)
    model = Model(
        name=read.text(data.get("name"), "name"),
        version=str(data.get("version", "1")),
        fields=fields,
        derived=derived,
        keys=_keys(read, data.get("keys"), features, frequencies),
        comparisons=comparisons,
        constraints=_constraints(read, data.get("constraints"), comparisons),
        prior=read.number(data.get("prior"), "prior"),
        thresholds=_thresholds(read, data.get("thresholds")),
        tie=_tie(read, data.get("tie")),
        features=features,
        frequencies=frequencies,
        provenance=read.mapping(data.get("provenance"), "provenance"),
    )
    problems = [*read.problems, *contradictions(model)]
    if problems:
        raise BadConfig(problems)
    return model


def _attributes(read: Reader, raw: Any) -> tuple[Attribute, ...]:
    data = read.mapping(raw, "attributes")
    if not data:
        read.wrong("attributes", "at least one is needed")
    found = []
    for name, entry in data.items():
        where = f"attributes.{name}"
        values = read.mapping(entry, where)
        read.known(values, ("kind", "aliases", "hint"), where)
        kind, hint = read.text(values.get("kind"), f"{where}.kind"), read.optional_text(values.get("hint"), f"{where}.hint")
        if kind and kind not in KINDS:
            read.wrong(f"{where}.kind", f"there is no kind {kind!r}; there are {', '.join(KINDS)}")
        if hint and hint not in data:
            read.wrong(f"{where}.hint", f"there is no attribute {hint!r}")
        found.append(Attribute(name, kind, read.texts(values.get("aliases"), f"{where}.aliases"), hint))
    _check_aliases(read, found)
    return tuple(found)


def _check_aliases(read: Reader, fields: list[Attribute]) -> None:
    owner: dict[str, str] = {}
    for attribute in fields:
        for name in (attribute.name, *attribute.aliases):
            if owner.setdefault(name, attribute.name) != attribute.name:
                read.wrong(f"attributes.{attribute.name}.aliases", f"{name!r} already means {owner[name]!r}")


def _derived(read: Reader, raw: Any, made: tuple[str, ...]) -> tuple[Derived, ...]:
    found = []
    for name, entry in read.mapping(raw, "derived").items():
        where = f"derived.{name}"
        values = read.mapping(entry, where)
        read.known(values, ("first_of",), where)
        sources = read.texts(values.get("first_of"), f"{where}.first_of")
        for source in sources:
            _feature(read, source, made, f"{where}.first_of")
        if name in made:
            read.wrong(where, "is already the name of a feature")
        found.append(Derived(name, sources))
    return tuple(found)


def _feature(read: Reader, name: str, features: tuple[str, ...], where: str) -> None:
    if name and name not in features:
        read.wrong(where, f"there is no feature {name!r}; there are {', '.join(features)}")


def _table(read: Reader, name: str | None, frequencies: Mapping[str, Frequencies], where: str) -> None:
    if name is not None and name not in frequencies:
        read.wrong(where, f"there is no frequency table {name!r}")


def _keys(read: Reader, raw: Any, features: tuple[str, ...], frequencies: Mapping[str, Frequencies]) -> tuple[KeyFamily, ...]:
    data = read.mapping(raw, "keys")
    if not data:
        read.wrong("keys", "at least one is needed, or no two records are ever compared")
    families = []
    for name, entry in data.items():
        where = f"keys.{name}"
        values = read.mapping(entry, where)
        read.known(values, ("parts", "least_bits", "common"), where)
        parts = tuple(
            _key_part(read, part, where, (features, frequencies)) for part in read.listed(values.get("parts"), f"{where}.parts")
        )
        if not parts:
            read.wrong(f"{where}.parts", "at least one is needed")
        common = read.optional_text(values.get("common"), f"{where}.common")
        _table(read, common, frequencies, f"{where}.common")
        families.append(KeyFamily(name, parts, read.number(values.get("least_bits", 0.0), f"{where}.least_bits"), common))
    return tuple(families)


def _key_part(read: Reader, raw: Any, where: str, known: tuple[tuple[str, ...], Mapping[str, Frequencies]]) -> KeyPart:
    values = {"feature": raw} if isinstance(raw, str) else read.mapping(raw, f"{where}.parts")
    read.known(values, ("feature", "form", "bits", "table"), f"{where}.parts")
    feature, form = (
        read.text(values.get("feature"), f"{where}.parts.feature"),
        read.text(values.get("form", "whole"), f"{where}.parts.form"),
    )
    _feature(read, feature, known[0], f"{where}.parts.feature")
    if form not in FORMS:
        read.wrong(f"{where}.parts.form", f"there is no form {form!r}; there are {', '.join(FORMS)}")
    table = read.optional_text(values.get("table"), f"{where}.parts.table")
    _table(read, table, known[1], f"{where}.parts.table")
    bits = values.get("bits")
    return KeyPart(feature, form, None if bits is None else read.number(bits, f"{where}.parts.bits"), table)


def _comparisons(
    read: Reader, raw: Any, features: tuple[str, ...], frequencies: Mapping[str, Frequencies]
) -> tuple[Comparison, ...]:
    data = read.mapping(raw, "comparisons")
    if not data:
        read.wrong("comparisons", "at least one is needed")
    found = tuple(_comparison(read, name, entry, (features, frequencies)) for name, entry in data.items())
    for comparison in found:
        _check_given(read, comparison, found)
    return found


def _comparison(read: Reader, name: str, raw: Any, known: tuple[tuple[str, ...], Mapping[str, Frequencies]]) -> Comparison:
    where = f"comparisons.{name}"
    values = read.mapping(raw, where)
    read.known(values, ("label", "comparator", "inputs", "words", "tf", "given", "weights", "m", "u"), where)
    comparator = read.text(values.get("comparator"), f"{where}.comparator")
    inputs = {
        role: read.text(feature, f"{where}.inputs.{role}")
        for role, feature in read.mapping(values.get("inputs"), f"{where}.inputs").items()
    }
    for role, feature in inputs.items():
        _feature(read, feature, known[0], f"{where}.inputs.{role}")
    weights = read.numbers(values.get("weights"), f"{where}.weights")
    _check_comparator(read, where, comparator, inputs)
    shares = {key: read.numbers(values.get(key), f"{where}.{key}") for key in ("m", "u")}
    given = _given(read, values.get("given"), f"{where}.given")
    _check_lengths(read, where, comparator, {"weights": weights, **shares}, blocks=len(given.groups) if given else 1)
    words = read.optional_text(values.get("words"), f"{where}.words")
    _table(read, words, known[1], f"{where}.words")
    label = read.text(values.get("label", name.replace("_", " ").capitalize()), f"{where}.label")
    return Comparison(
        name,
        label,
        comparator,
        inputs,
        weights,
        shares["m"],
        shares["u"],
        words,
        _tf(read, values.get("tf"), where, known[1]),
        given,
    )


def _given(read: Reader, raw: Any, where: str) -> Given | None:
    if raw is None:
        return None
    values = read.mapping(raw, where)
    read.known(values, ("comparison", "groups", "labels"), where)
    groups = tuple(
        tuple(int(level) for level in read.numbers(group, f"{where}.groups"))
        for group in read.listed(values.get("groups"), f"{where}.groups")
    )
    labels = read.texts(values.get("labels"), f"{where}.labels")
    if len(groups) < 2 or len(labels) != len(groups):
        read.wrong(where, "needs two groups or more, and one label for each")
    return Given(read.text(values.get("comparison"), f"{where}.comparison"), groups or ((),), labels)


def _check_given(read: Reader, comparison: Comparison, known: tuple[Comparison, ...]) -> None:
    """A comparison may depend on one that stands before it and depends on none itself."""
    if comparison.given is None:
        return
    before = [other.name for other in known[: known.index(comparison)] if other.given is None]
    if comparison.given.comparison not in before:
        read.wrong(
            f"comparisons.{comparison.name}.given",
            f"must name a comparison above it that is not given another; there are {', '.join(before) or 'none'}",
        )


def _check_comparator(read: Reader, where: str, name: str, inputs: Mapping[str, str]) -> None:
    if name not in COMPARATORS:
        read.wrong(f"{where}.comparator", f"there is no comparator {name!r}; there are {', '.join(COMPARATORS)}")
        return
    known = COMPARATORS[name]
    read.known(inputs, (*known.roles, *known.optional), f"{where}.inputs")
    for role in known.roles:
        if role not in inputs:
            read.wrong(f"{where}.inputs", f"needs {role!r}")


def _check_lengths(read: Reader, where: str, comparator: str, numbers: Mapping[str, tuple[float, ...]], *, blocks: int) -> None:
    if comparator not in COMPARATORS:
        return
    levels = len(COMPARATORS[comparator].levels) * blocks
    for key, found in numbers.items():
        if len(found) != levels and (found or key == "weights"):
            read.wrong(
                f"{where}.{key}",
                f"needs {levels} numbers, one for each level of {comparator} and each group; there are {len(found)}",
            )


def _tf(read: Reader, raw: Any, where: str, frequencies: Mapping[str, Frequencies]) -> TermFrequency | None:
    if raw is None:
        return None
    values = read.mapping(raw, f"{where}.tf")
    read.known(values, ("table", "mean", "scale", "most"), f"{where}.tf")
    table = read.text(values.get("table"), f"{where}.tf.table")
    _table(read, table or None, frequencies, f"{where}.tf.table")
    mean, scale, most = (
        read.number(values.get(key, default), f"{where}.tf.{key}")
        for key, default in (("mean", 10.0), ("scale", 1.0), ("most", 6.0))
    )
    return TermFrequency(table, mean, scale, most)


def _constraints(read: Reader, raw: Any, comparisons: tuple[Comparison, ...]) -> tuple[Constraint, ...]:
    levels = {c.name: len(COMPARATORS[c.comparator].levels) for c in comparisons if c.comparator in COMPARATORS}
    found = []
    for place, entry in enumerate(read.listed(raw, "constraints")):
        where = f"constraints[{place}]"
        values = read.mapping(entry, where)
        read.known(values, ("comparison", "levels", "reason"), where)
        name = read.text(values.get("comparison"), f"{where}.comparison")
        numbers = tuple(int(number) for number in read.numbers(values.get("levels"), f"{where}.levels"))
        if name and name not in levels:
            read.wrong(f"{where}.comparison", f"there is no comparison {name!r}")
        if not numbers or not all(1 <= number <= levels.get(name, number) for number in numbers):
            read.wrong(f"{where}.levels", "must be numbers of levels of that comparison, the best is 1")
        found.append(Constraint(name, numbers, read.text(values.get("reason"), f"{where}.reason")))
    return tuple(found)


def _thresholds(read: Reader, raw: Any) -> Thresholds:
    values = read.mapping(raw, "thresholds")
    read.known(values, ("auto", "review"), "thresholds")
    auto, review = (read.number(values.get(key), f"thresholds.{key}", 0.5) for key in ("auto", "review"))
    if not 0 < review <= auto < 1:
        read.wrong("thresholds", f"must hold 0 < review <= auto < 1, not review {review:g} and auto {auto:g}")
    return Thresholds(auto, review)


def _tie(read: Reader, raw: Any) -> Tie:
    values = read.mapping(raw, "tie")
    read.known(values, ("least_mean", "most"), "tie")
    return Tie(read.number(values.get("least_mean", 0.0), "tie.least_mean"), read.number(values.get("most", 10.0), "tie.most"))


def _frequencies(read: Reader, raw: Any) -> dict[str, Frequencies]:
    tables = {}
    for name, entry in read.mapping(raw, "frequencies").items():
        where = f"frequencies.{name}"
        values = read.mapping(entry, where)
        read.known(values, ("unlisted", "bits"), where)
        bits = {
            word: read.number(size, f"{where}.bits.{word}")
            for word, size in read.mapping(values.get("bits"), f"{where}.bits").items()
        }
        tables[name] = Frequencies(bits, read.number(values.get("unlisted"), f"{where}.unlisted"))
    return tables
