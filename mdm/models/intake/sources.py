"""The systems that send and receive, and the objects they keep."""

from __future__ import annotations

from django.db import models


class System(models.Model):
    """One system outside: `salesforce`, `netsuite`, a home-made one.

    `undo_seconds`: how long it waits to hear of what a person did, so that an undo costs nothing.
    """

    code = models.CharField(primary_key=True, max_length=60)
    title = models.CharField(max_length=120)
    chip = models.CharField(max_length=6, help_text="the short form on a source chip")
    region = models.CharField(max_length=40, blank=True)
    criticality = models.PositiveSmallIntegerField(default=2)
    undo_seconds = models.PositiveIntegerField(default=30)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(criticality__range=(1, 3)), name="system_criticality_is_1_to_3"),
        ]

    def __str__(self) -> str:
        return f"#{self.code} {self.title}"


class SourceObject(models.Model):
    """One kind of record in one system; it belongs to exactly one domain.

    `mapping`: rows of the mapping language, None where payload keys are the domain's own attribute names.
    `cursor`: how far changes were read, opaque. `id_field`, `updated_at_field`, `enterprise_id_field`: where a payload
    says them. `is_unique`: the source keeps one record a thing.
    `is_target`: a connector pushes to it what survives.
    """

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="source_objects")
    object = models.CharField(max_length=100)
    domain = models.CharField(max_length=40)
    mapping = models.JSONField(null=True)
    is_unique = models.BooleanField(default=False)
    id_field = models.CharField(max_length=100, blank=True)
    updated_at_field = models.CharField(max_length=100, blank=True)
    enterprise_id_field = models.CharField(max_length=100, blank=True)
    is_target = models.BooleanField(default=False)
    cursor = models.TextField(blank=True)
    cursor_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "object"], name="source_object_belongs_to_one_domain"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.system_id}/{self.object} → {self.domain}"
