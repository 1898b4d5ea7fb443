"""Who acts: persons and systems, and the tokens systems carry."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Users(BaseUserManager["User"]):
    def create_user(self, name: str, password: str | None = None, **fields: Any) -> User:
        """A new person or system; without a password nobody can log in as it."""
        user = self.model(name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, name: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(name, password, role="ADMIN", **fields)


class User(AbstractBaseUser):
    """A person, or a system that acts. An empty list of domains or regions is no limit."""

    name = models.CharField(max_length=120, unique=True)
    title = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=6, default="person")
    role = models.CharField(max_length=8, default="VIEWER")
    domains = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    regions = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "name"
    objects = Users()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["person", "system"]), name="user_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(role__in=["VIEWER", "STEWARD", "LEAD", "OWNER", "OPERATOR", "AUDITOR", "PRIVACY", "ADMIN"]),
                name="user_role_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"

    @property
    def is_staff(self) -> bool:
        return self.role == "ADMIN"

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """The admin site asks; only administrators get in."""
        return self.is_active and self.role == "ADMIN"

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.role == "ADMIN"


class ApiToken(models.Model):
    """A system's key: only its SHA-256 is kept, the token itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"#{self.pk} {self.hint}…"
