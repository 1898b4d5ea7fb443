"""All addresses of the hub. Everything is behind the log-in but what says otherwise: /healthz, the log-in itself, token calls."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

urlpatterns = [
    path("api/", include("mdm.api.urls")),
    path("admin/", admin.site.urls),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("", include("stewardship.urls")),
]
