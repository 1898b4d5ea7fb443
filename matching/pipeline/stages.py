"""The steps of the engine on columns, as the hub and the command line call them."""

from __future__ import annotations

from collections.abc import Mapping

from matching.config.model import Model
from matching.errors import BadInput
from matching.normalise.kinds import encoded, standardised
from matching.types import Cells, Column, Standardised


def standardise(model: Model, columns: Mapping[str, Cells]) -> Standardised:
    """Features of records from their attributes. `columns`: (n,) cells by attribute name; a missing column is all None.

    Raises BadInput when the columns differ in length. Columns the model does not know are ignored.
    """
    raw = {name: encoded(columns[name]) for name in model.attributes if name in columns}
    sizes = {len(column) for column in columns.values()}
    if len(sizes) > 1:
        raise BadInput(f"all columns must have as many rows; there are {', '.join(f'{name}: {len(column)}' for name, column in columns.items())}")
    size = sizes.pop() if sizes else 0
    nothing = Column.of([None] * size)
    features: dict[str, Column] = {}
    # Attributes that help to read others come first, in their standardised form.
    for attribute in sorted(model.fields, key=lambda field: field.hint is not None):
        hint = _hint(model, attribute.hint, features)
        parts = standardised(attribute.kind, raw.get(attribute.name, nothing), hint)
        features |= {f"{attribute.name}.{part}": column for part, column in parts.items()}
    for derived in model.derived:
        features[derived.feature] = _first(features, derived.first_of)
    return Standardised(size, {name: features[name] for name in model.features})


def _hint(model: Model, name: str | None, features: Mapping[str, Column]) -> Column | None:
    """The first part of the hinting attribute, which is its main value."""
    return next((column for feature, column in features.items() if feature.startswith(f"{name}.")), None) if name else None


def _first(features: Mapping[str, Column], names: tuple[str, ...]) -> Column:
    """Record by record the first of several features that is known."""
    merged = Standardised.concat([Standardised(len(features[name]), {"": features[name]}) for name in names]).features[""]
    codes = merged.codes.reshape(len(names), -1)
    chosen = codes[-1].copy()
    for row in codes[-2::-1]:
        chosen[row >= 0] = row[row >= 0]
    return Column(chosen, merged.values)
