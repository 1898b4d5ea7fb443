"""Golden records, all their versions, and the life of every enterprise ID."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from mdm.models.graded import Graded


class GoldenQuerySet(models.QuerySet["Golden"]):
    def live(self) -> GoldenQuerySet:
        return self.filter(status="LIVE")

    def within(self, *, domains: list[str], regions: list[str]) -> GoldenQuerySet:
        """Only what a person confined to `domains` and `regions` may see; an empty list is no limit."""
        rows = self.filter(domain__in=domains) if domains else self
        return rows.filter(regions__overlap=regions) if regions else rows


class Golden(Graded):
    """The best-known version of one real thing.

    `version` numbers its versions and its events without gaps. A retired record keeps its row for ever:
    `status` says how it ended, `successors` where its members went.
    """

    domain = models.CharField(max_length=40)
    enterprise_id = models.CharField(max_length=24, unique=True)
    status = models.CharField(max_length=8, default="LIVE")
    successors = ArrayField(models.CharField(max_length=24), default=list)
    version = models.PositiveIntegerField(default=1)
    values = models.JSONField(default=dict)
    provenance = models.JSONField(default=dict)
    relations = models.JSONField(default=dict)
    regions = ArrayField(models.CharField(max_length=40), default=list)
    label = models.TextField(blank=True)
    search = models.TextField(blank=True)
    member_count = models.PositiveIntegerField(default=0)
    release = models.PositiveIntegerField()
    born_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    status_since = models.DateTimeField()
    objects = GoldenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["LIVE", "MERGED", "SPLIT", "RETIRED", "ERASED"]), name="golden_status_is_known"
            ),
            models.CheckConstraint(condition=~Q(status="LIVE") | Q(successors=[]), name="golden_live_has_no_successor"),
            models.CheckConstraint(condition=Q(status="LIVE") | Q(member_count=0), name="golden_retired_has_no_member"),
        ]
        indexes = [
            models.Index(fields=["domain", "id"], condition=Q(status="LIVE"), name="golden_live_by_domain"),
            GinIndex(fields=["search"], name="golden_by_search", opclasses=["gin_trgm_ops"]),
            GinIndex(fields=["successors"], condition=Q(status__in=["MERGED", "SPLIT"]), name="golden_by_successor"),
            models.Index(fields=["domain", "quality", "id"], condition=Q(status="LIVE"), name="golden_by_quality"),
            GinIndex(fields=["failing"], condition=Q(status="LIVE"), name="golden_by_failing"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.enterprise_id} {self.label}"


class GoldenVersion(models.Model):
    """One version of a golden record, append-only, with all that it can be computed from again.

    `member_versions`: for each of `members` (source records, in key order) which version of it counted.
    `overrides`: the pinned values that counted. `recorded_at`: the `at` of its survivorship; `release`: whose rules.
    `is_erased`: it held a person's data, and holds nothing any more, members included.
    """

    golden = models.ForeignKey(Golden, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    status = models.CharField(max_length=8)
    values = models.JSONField()
    provenance = models.JSONField()
    relations = models.JSONField(default=dict)
    members = ArrayField(models.BigIntegerField(), default=list)
    member_versions = ArrayField(models.PositiveIntegerField(), default=list)
    overrides = ArrayField(models.BigIntegerField(), default=list)
    release = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()
    change_set = models.ForeignKey("mdm.ChangeSet", on_delete=models.PROTECT, null=True, related_name="golden_versions")
    is_erased = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["golden", "version"], name="golden_version_is_numbered_once"),
            models.CheckConstraint(
                condition=Q(members__len=F("member_versions__len")), name="golden_version_knows_each_members_version"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} version {self.version} of golden {self.golden_id}"


class IdLife(models.Model):
    """One event in the life of an enterprise ID, append-only: why it is what it is, and who did it."""

    golden = models.ForeignKey(Golden, on_delete=models.PROTECT, related_name="lives")
    status = models.CharField(max_length=8)
    cause = models.CharField(max_length=12)
    successors = ArrayField(models.CharField(max_length=24), default=list)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    change_set = models.ForeignKey("mdm.ChangeSet", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cause__in=["born", "merged", "split", "emptied", "restored", "erased"]), name="id_life_cause_is_known"
            ),
        ]
        indexes = [
            # Who was merged into a record at a past moment, undone or not.
            GinIndex(fields=["successors"], condition=Q(status__in=["MERGED", "SPLIT"]), name="id_life_by_successor"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} golden {self.golden_id} {self.cause}"
