"""Released versions of domains, numbered and immutable; what was proposed; and where a new one has still to be carried out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from mdm.rules.governance.releasing.release_states import ReleaseStatus


class DomainRelease(models.Model):
    """One released version of one domain: its declaration and the match model with its frequency table.

    `settled_at`: since when everything stored is what it gives; None while records are still brought over to it.
    """

    domain = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    model = models.JSONField()
    content_hash = models.CharField(max_length=32)
    released_at = models.DateTimeField()
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "number"], name="release_is_numbered_once")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.domain} release {self.number}"


class ReleaseProposal(models.Model):
    """A changed domain on its way to being released: what it says, who wants it and why, what it would do, who decided.

    `base`: the release that `plan` compares it with. `returns_to`: the former release that it repeats. `number`: the release it
    became.
    """

    domain = models.CharField(max_length=40)
    spec = models.JSONField()
    model = models.JSONField()
    content_hash = models.CharField(max_length=32)
    status = models.CharField(max_length=11, default=ReleaseStatus.PLANNING.value)
    reason = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    base = models.PositiveIntegerField()
    returns_to = models.PositiveIntegerField(null=True)
    plan = models.JSONField(null=True)
    planned_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, help_text="the reason given with the decision")
    is_forced = models.BooleanField(default=False)
    number = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in ReleaseStatus]), name="release_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="release_decided_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(plan=None, planned_at=None) | Q(plan__isnull=False, planned_at__isnull=False),
                name="release_plan_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PLANNING", "PROPOSED", "REFUSED"], number=None)
                | Q(status__in=["RUNNING", "RELEASED", "REPLACED", "ROLLED_BACK"], number__isnull=False),
                name="release_has_a_number_once_released",
            ),
            models.UniqueConstraint(
                fields=["domain"], condition=Q(status__in=["PLANNING", "PROPOSED"]), name="release_one_proposal_a_domain"
            ),
        ]
        indexes = [models.Index(fields=["domain", "-id"], name="release_proposals_by_domain")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.domain} {self.status}"


class Revisit(models.Model):
    """A record whose component a release changes, until the re-match has been there; `portion` keeps whole components together.

    No foreign key: it is written by the hundred thousand, and a record keeps its row for ever.
    """

    domain = models.CharField(max_length=40)
    portion = models.PositiveIntegerField()
    record = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["domain", "portion"], name="revisit_by_portion"),
            models.Index(fields=["record"], name="revisit_by_record"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} record {self.record}"
