"""All addresses of the hub."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/", include("mdm.api.urls")),
]
