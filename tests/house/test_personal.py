"""Every column of text or JSON is either emptied by an erasure or declared free of personal data: also the one added tomorrow."""

from __future__ import annotations

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from mdm.readers.governance.personal import EVERY_PLACE, FREE

OURS = {model.__name__: model for app in ("mdm", "stewardship") for model in apps.get_app_config(app).get_models()}
SPEAKING = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def speaks(field):
    inner = field.base_field if isinstance(field, ArrayField) else field
    return isinstance(inner, SPEAKING)


def columns(model):
    return {field.name for field in OURS[model]._meta.concrete_fields if speaks(field)}


EMPTIED = {
    (place.model, name) for place in EVERY_PLACE for name in (place.columns if place.effect else sorted(columns(place.model)))
}
DECLARED = {(model, name) for model, groups in FREE.items() for names in groups for name in names.split()}


def test_a_column_of_text_or_json_is_erasable_or_declared_free():
    known = {(model, name) for model in OURS for name in columns(model)}

    assert known - EMPTIED - DECLARED == set(), (
        "say in readers/governance/personal.py how an erasure empties it, or why it is free"
    )


def test_nothing_is_declared_that_is_not_there_or_stands_in_both_lists():
    known = {(model, name) for model in OURS for name in columns(model)}

    assert (EMPTIED | DECLARED) - known == set()
    assert set() == EMPTIED & DECLARED


def test_a_place_sets_every_column_that_it_names():
    for place in EVERY_PLACE:
        for name in place.columns:
            assert f"{name} = " in place.effect, (place.title, name)


def test_every_declaration_gives_its_reason():
    assert [model for model, groups in FREE.items() if not all(reason.strip() for reason in groups.values())] == []
