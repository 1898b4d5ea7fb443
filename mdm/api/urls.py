"""Addresses of the REST interface."""

from __future__ import annotations

from django.urls import include, path

from mdm.api import documentation

urlpatterns = [
    path("docs/", documentation.page, name="api-docs"),
    path("v1/openapi.json", documentation.openapi, name="api-openapi"),
    path("v1/", include("mdm.api.v1.urls")),
]
