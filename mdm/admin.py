"""For administrators to look at the tables; people and systems are made by commands, master data by actions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from mdm import models

admin.site.site_header = admin.site.site_title = "Concord administration"
admin.site.index_title = "Tables, to look at"

SECRETS = {"password", "digest", "salt"}


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no parameters at run time
    """Nothing is added, changed or deleted here: every write goes through an action that audits itself."""

    show_full_result_count = False
    list_per_page = 50

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [field.name for field in self.model._meta.fields if field.name not in SECRETS]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


for name in models.__all__:
    model = getattr(models, name)
    if not model._meta.is_composite_pk:  # the admin cannot address such rows
        admin.site.register(model, ReadOnly)
