"""Enterprise IDs beside those of golden records: reserved ones, and the names that other hubs gave."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper


class Reservation(models.Model):
    """An enterprise ID that somebody holds before there is a record; the row stays for ever.

    `record`: the one that claimed it. Its golden record carries the ID, unless it was known before under another one: then the ID
    leads to wherever that record stands. `ended_at`: when it was claimed, lapsed or was released.
    """

    enterprise_id = models.CharField(max_length=24, unique=True)
    domain = models.CharField(max_length=40)
    status = models.CharField(max_length=8, default="RESERVED")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reservations")
    purpose = models.CharField(max_length=200)
    reserved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    record = models.ForeignKey("mdm.SourceRecord", on_delete=models.PROTECT, null=True, related_name="claims")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["RESERVED", "CLAIMED", "LAPSED", "RELEASED"]), name="reservation_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status="RESERVED", ended_at=None) | (~Q(status="RESERVED") & Q(ended_at__isnull=False)),
                name="reservation_ended_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status="CLAIMED", record__isnull=False) | (~Q(status="CLAIMED") & Q(record=None)),
                name="reservation_claimed_has_its_record",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("reserved_at")), name="reservation_ends_after_it_began"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(status="RESERVED"), name="reservation_open_by_end")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.enterprise_id} {self.status}"


class IdAlias(models.Model):
    """The name that another hub gave to one of our things. It follows the record it was told by, else an enterprise ID."""

    issuer = models.CharField(max_length=60)
    alias = models.CharField(max_length=255)
    record = models.ForeignKey("mdm.SourceRecord", on_delete=models.PROTECT, null=True, related_name="aliases")
    golden = models.ForeignKey("mdm.Golden", on_delete=models.PROTECT, null=True, related_name="aliases")
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "alias"], name="id_alias_is_given_once"),
            models.CheckConstraint(
                condition=Q(record=None, golden__isnull=False) | Q(record__isnull=False, golden=None),
                name="id_alias_follows_one_thing",
            ),
        ]
        indexes = [models.Index(Upper("alias"), name="id_alias_by_name")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.issuer}:{self.alias}"
