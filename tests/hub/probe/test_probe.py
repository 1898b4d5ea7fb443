import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import systems
from tests.factories.records import *

pytestmark = pytest.mark.django_db

def test_probe(people):
    systems.declare()
    send(customer("0"), customer("9", OTHER))
    for label, c in [("fresh new", customer("77", {**OTHER, "name": "Zebu Quarx AG", "domain": "zebu.ch", "address": "x 1", "postcode":"8000", "city":"Bern","country":"CH"})), ("fresh dup", customer("1", system="erp")), ("same", customer("1", system="erp")), ("update", customer("1", {**FIRM, "city": "York"}, system="erp"))]:
        with CaptureQueriesContext(connection, ) as q:
            out = send(c)
        print("=====", label, len(q), out)
        for x in q.captured_queries:
            print("   ", x["time"], x["sql"][:170].replace("\n", " "))
