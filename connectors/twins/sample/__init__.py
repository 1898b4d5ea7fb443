"""The sample firm: records of five systems with known truth, generated, written to files, seeded into twins, and broken."""

from __future__ import annotations

from collections import defaultdict

from connectors.twins.sample import broken, commerce
from connectors.twins.sample.entrance import rest_batches, seed_twins, write_files, write_tables
from connectors.twins.sample.firm import EPOCH, OBJECTS, Firm, Key, Row, domain_of
from connectors.twins.sample.placements import spread
from connectors.twins.sample.plant import Drift, PushFault, plant_drifts, plant_push_faults
from connectors.twins.sample.records import Writer
from connectors.twins.sample.world import Chance, create

__all__ = [
    "EPOCH",
    "OBJECTS",
    "Drift",
    "Firm",
    "Key",
    "PushFault",
    "Row",
    "domain_of",
    "generate",
    "plant_drifts",
    "plant_push_faults",
    "rest_batches",
    "seed_twins",
    "write_files",
    "write_tables",
]


def generate(seed: int = 11, scale: float = 1.0) -> Firm:
    """The sample firm; the same seed and scale give the same bytes. `scale` 1 is about 14,100 records (about 4 seconds)."""
    world = create(seed, scale)
    contracting = {customer.contracts_with for customer in world.customers.values()}
    directory = spread(Chance(seed, "placements"), world, in_erp=contracting)
    writer = Writer(Chance(seed, "records"), world, directory)
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    truth: dict[Key, tuple[str, str]] = {}
    for placement in directory.placements:
        object_name = OBJECTS[placement.system][placement.domain]
        rows[placement.system, object_name].append(writer.row(placement))
        truth[placement.system, object_name, "", placement.native_id] = (placement.domain, placement.thing_id)
    must_quarantine, placeholders = _plant(Chance(seed, "broken"), rows, truth)
    for system, domain, thing_id, row in commerce.written(seed, world, directory):
        rows[system, OBJECTS[system][domain]].append(row)
        truth[system, OBJECTS[system][domain], "", row.native_id] = (domain, thing_id)
    return Firm(
        seed=seed,
        rows={pair: tuple(found) for pair, found in rows.items()},
        truth=truth,
        must_quarantine=must_quarantine,
        placeholders=frozenset(placeholders),
    )


def _plant(
    chance: Chance, rows: dict[tuple[str, str], list[Row]], truth: dict[Key, tuple[str, str]]
) -> tuple[dict[Key, str], list[Key]]:
    must_quarantine: dict[Key, str] = {}
    placeholders: list[Key] = []
    for system, domain, row in broken.repeated(chance, rows):
        _insert_behind(rows[system, OBJECTS[system][domain]], row)
        must_quarantine[system, OBJECTS[system][domain], "", row.native_id] = "duplicate_key"
    for planted in broken.Planter(chance).all():
        key = (planted.system, OBJECTS[planted.system][planted.domain], "", planted.row.native_id)
        rows[key[:2]].append(planted.row)
        if planted.cause:
            must_quarantine[key] = planted.cause
        else:
            placeholders.append(key)
            truth[key] = (planted.domain, f"PLACEHOLDER-{len(placeholders):03d}")
    return must_quarantine, placeholders


def _insert_behind(rows: list[Row], again: Row) -> None:
    # Close behind the first one, so that both are in the same batch.
    at = next(i for i, row in enumerate(rows) if row.native_id == again.native_id)
    rows.insert(at + 3, again)
