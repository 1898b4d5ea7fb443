"""Change requests: golden values that somebody, or some system, wants to be others."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from mdm.rules.governance.request_states import WAITING, RequestKind, RequestStatus

OPENED = Q(status__in=[status.value for status in WAITING])


class ChangeRequest(models.Model):
    """One wish for another value. `golden`: the record it is about now; a waiting one follows its records through merges.

    `value` null asks for no value. `value_hash`: equal for equal values. `old_value`: what was golden when it was asked.
    `system`, `record`: whose value it is, where a system says it. `override`: the pinned value of an approved one; of a contest
    the one that freezes the value. `first_by`: who approved while a second person is needed.
    `money`: the largest amount that hangs on the record, in the reporting currency; `stake`: the same by domain and currency.
    """

    domain = models.CharField(max_length=40)
    golden = models.ForeignKey("mdm.Golden", on_delete=models.PROTECT, related_name="change_requests")
    kind = models.CharField(max_length=8)
    attribute = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    value_hash = models.CharField(max_length=32)
    old_value = models.JSONField(null=True)
    system = models.CharField(max_length=60, blank=True)
    record = models.ForeignKey("mdm.SourceRecord", on_delete=models.PROTECT, null=True, related_name="change_requests")
    reason = models.TextField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=9, default=RequestStatus.OPEN.value)
    version = models.PositiveIntegerField(default=1)
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    override = models.ForeignKey("mdm.Override", on_delete=models.PROTECT, null=True, related_name="change_requests")
    money = models.FloatField(default=0.0)
    stake = models.JSONField(null=True)
    weighed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["golden", "attribute", "value_hash"],
                condition=OPENED & ~Q(kind=RequestKind.CONTEST.value),
                name="change_request_waits_once_a_value",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in RequestKind]), name="change_request_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in RequestStatus]), name="change_request_status_is_known"
            ),
            models.CheckConstraint(
                condition=(OPENED & Q(closed_at=None, closed_by=None))
                | (~OPENED & Q(closed_at__isnull=False, closed_by__isnull=False)),
                name="change_request_closed_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(first_at=None, first_by=None) | Q(first_at__isnull=False, first_by__isnull=False),
                name="change_request_first_at_and_by_together",
            ),
        ]
        indexes = [
            models.Index(fields=["-money", "id"], condition=OPENED, name="change_request_queue"),
            models.Index(fields=["expires_at"], condition=OPENED, name="change_request_to_expire"),
            models.Index(fields=["domain", "weighed_at"], condition=OPENED, name="change_request_to_weigh"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.attribute} of golden {self.golden_id} {self.status}"


class RequestComment(models.Model):
    """What somebody said about a change request; never edited."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    def __str__(self) -> str:
        return f"#{self.pk} on request {self.request_id}"
