"""Addresses of REST version 1."""

from __future__ import annotations

from django.urls import path

from mdm.api.v1.exchange import events
from mdm.api.v1.golden import crosswalk, goldens, matches
from mdm.api.v1.intake import records

urlpatterns = [
    path("records:batch", records.batch, name="api-records-batch"),
    path("records/<str:system>/<str:object>/<path:native_id>", records.one, name="api-record"),
    path("crosswalk:lookup", crosswalk.lookup, name="api-crosswalk-lookup"),
    path("crosswalk/<str:system>/<str:object>/<path:native_id>", crosswalk.one, name="api-crosswalk"),
    path("golden/<str:domain>", goldens.page, name="api-goldens"),
    path("golden/<str:domain>/<str:enterprise_id>", goldens.one, name="api-golden"),
    path("match", matches.match, name="api-match"),
    path("events", events.feed, name="api-events"),
]
