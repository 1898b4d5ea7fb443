"""Every model names itself by its ID, and keeps its rules in the database."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

OURS = [model for app in ("mdm", "stewardship") for model in apps.get_app_config(app).get_models()]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_a_model_calls_itself_by_its_id_first(model):
    made = model(**{field.attname: None for field in model._meta.concrete_fields})
    made.pk = (4_711, 1) if model._meta.is_composite_pk else 4_711

    assert str(made).startswith("#4711")


COPIES = {"GoldenVersion", "IdLife", "IdempotencyKey"}
"""Their status repeats one that is constrained elsewhere, or is an HTTP status."""


@pytest.mark.parametrize("model", [model for model in OURS if model.__name__ not in COPIES], ids=lambda model: model.__name__)
def test_a_status_is_constrained_by_the_database(model):
    columns = {field.name for field in model._meta.concrete_fields} & {"status", "verdict", "outcome", "role", "way"}
    checked = " ".join(str(one.condition) for one in model._meta.constraints if isinstance(one, models.CheckConstraint))

    assert {column for column in columns if column not in checked} == set()


def test_no_model_orders_itself():
    assert [model.__name__ for model in OURS if model._meta.ordering] == []
