"""Source records: one row as one system has it, and everything it ever was."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from mdm.models.graded import Graded


class SourceRecord(Graded):
    """The present state of one record, keyed by (system, object, scope, native_id).

    `attributes`: mapped and cleaned, by attribute name. `relations`: by relation name, the key of the record it names.
    `standardised`: what matching compares, made under `release`. A deleted record keeps its row with `is_live` false.
    `source_updated_at`: the source's own time of this state; `confirmed_at`: when the source last said that it still holds.
    """

    source = models.ForeignKey("mdm.SourceObject", on_delete=models.PROTECT, related_name="records")
    domain = models.CharField(max_length=40)
    scope = models.CharField(max_length=255, blank=True)
    native_id = models.CharField(max_length=255)
    key = models.TextField(help_text="system/object/scope/native_id: the stable name that ties are broken by")
    version = models.PositiveIntegerField(default=1)
    is_live = models.BooleanField(default=True)
    payload = models.JSONField()
    attributes = models.JSONField()
    relations = models.JSONField(default=dict)
    invalid = models.JSONField(default=list)
    standardised = models.JSONField()
    release = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=32)
    sequence = models.BigIntegerField(null=True)
    source_updated_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    load = models.ForeignKey("mdm.Load", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "scope", "native_id"], name="source_record_key_is_unique"),
        ]
        indexes = [
            models.Index(OpClass(Upper("native_id"), name="text_pattern_ops"), name="source_record_by_native_id"),
            models.Index(fields=["domain", "id"], name="source_record_by_domain"),
            # Only what points at something, and each at once in its place: a bulk load of records that point at nothing leaves no
            # list of pending entries that every look-up would read.
            GinIndex(
                fields=["relations"],
                condition=~models.Q(relations={}),
                name="source_record_by_relation",
                opclasses=["jsonb_path_ops"],
                fastupdate=False,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.key}"


class SourceVersion(models.Model):
    """One version of a source record, append-only, cleaned under `release`.

    `recorded_at`: when the hub knew it. `valid_from`: since when it held, as the source says, else `recorded_at`. One that
    arrived out of date (`is_superseded`) repeats the number of the version that stood then.
    """

    record = models.ForeignKey(SourceRecord, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    is_live = models.BooleanField()
    payload = models.JSONField()
    attributes = models.JSONField()
    relations = models.JSONField()
    invalid = models.JSONField(default=list)
    release = models.PositiveIntegerField()
    sequence = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    is_superseded = models.BooleanField(default=False, help_text="arrived out of date: recorded, never won")
    load = models.ForeignKey("mdm.Load", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "version"], condition=models.Q(is_superseded=False), name="source_version_is_numbered_once"
            ),
        ]
        indexes = [
            # Who ever named a record: the trees of a past date are found by it.
            GinIndex(
                fields=["relations"],
                condition=~models.Q(relations={}),
                name="source_version_by_relation",
                opclasses=["jsonb_path_ops"],
                fastupdate=False,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} version {self.version} of record {self.record_id}"
