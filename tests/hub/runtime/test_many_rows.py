"""Many rows at once: what is overwritten reads back as it was said, and `any` finds what `in` finds."""

from __future__ import annotations

import pytest
from django.db import connection

from mdm.actions.intake.storing import FIELDS
from mdm.models import Crosswalk, Golden, SourceRecord, copying
from tests.factories.records import FIRM, OTHER, customer, send
from tests.factories.times import later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

SAID = {
    "name": 'Ünïcode "quoted" \\ back\tslash ’ 株式会社',
    "nested": {"list": [1, 2.5, None, True], "none": None},
    "big": 2**40,
}


def test_overwritten_rows_read_back_as_they_were_said():
    send(customer("1", FIRM), customer("2", OTHER))
    rows = list(SourceRecord.objects.order_by("id"))
    for number, row in enumerate(rows):
        row.payload, row.invalid, row.version = {**SAID, "number": number}, ["city"], 7
        row.sequence, row.source_updated_at, row.confirmed_at, row.failing = None, later(number), None, ["complete", "it's"]

    copying.overwrite(rows, FIELDS)

    for fresh, row in zip(SourceRecord.objects.order_by("id"), rows, strict=True):
        assert {name: getattr(fresh, name) for name in FIELDS} == {name: getattr(row, name) for name in FIELDS}


def test_what_is_not_named_stays_and_rows_over_a_thousand_are_all_written(monkeypatch):
    monkeypatch.setattr(copying, "MANY", 2)
    send(*(customer(str(number), {**OTHER, "name": f"Brightwater {number}"}) for number in range(5)))
    rows = list(Golden.objects.order_by("id"))
    for row in rows:
        row.label, row.search = f"label {row.pk}", "not said"

    copying.overwrite(rows, ["label"])

    assert list(Golden.objects.order_by("id").values_list("label", flat=True)) == [f"label {row.pk}" for row in rows]
    assert not Golden.objects.filter(search="not said").exists()


def test_any_finds_what_in_finds(django_assert_num_queries):
    send(customer("1", FIRM), customer("2", OTHER))
    some = list(Golden.objects.order_by("id").values_list("id", flat=True))[:1]

    assert set(Golden.objects.filter(id__any=some)) == set(Golden.objects.filter(id__in=some))
    assert set(Golden.objects.exclude(id__any=set(some))) == set(Golden.objects.exclude(id__in=some))
    assert set(Crosswalk.objects.filter(golden_id__any=some)) == set(Crosswalk.objects.filter(golden__in=some))
    names = list(Golden.objects.filter(id__in=some).values_list("enterprise_id", flat=True))
    assert set(Golden.objects.filter(enterprise_id__any=names)) == set(Golden.objects.filter(id__in=some))
    with django_assert_num_queries(0):
        assert not Golden.objects.filter(id__any=[])
    assert Golden.objects.exclude(id__any=[]).count() == 2


def test_any_looks_up_by_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
        assert "golden_pkey" in Golden.objects.filter(id__any=[1, 2]).explain()
