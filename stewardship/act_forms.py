"""What a person says when they merge, split, move, pin or take back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from mdm.engine.people.acts import MOST, Wanted
from mdm.errors import BadInput
from mdm.readers.golden.acting import merging, parting
from mdm.rules.golden.change_kinds import ChangeKind

LONGEST_VALUE = 2_000
MOST_RECORDS = 5_000


class Act(forms.Form):
    """Golden records as they were seen, each `seen` "ID:version", and why; `set_aside`: decisions that say otherwise give way."""

    reason = forms.CharField(max_length=1_000, required=False)
    set_aside = forms.BooleanField(required=False)

    def versions(self) -> dict[str, int]:
        """The version of each golden record named, by enterprise ID, in the order of the form."""
        pairs = (text.partition(":") for text in texts(self.data, "seen", most=MOST))
        return {name: int(number) for name, _, number in pairs if number.isdecimal() and len(number) < 10}

    def why(self) -> dict[str, Any]:
        """What the action takes beside what is wanted.

        Raises:
            BadInput: the reason is too long, or no text.
        """
        if not self.is_valid():
            raise BadInput("A reason is text of at most 1,000 characters.")
        return dict(self.cleaned_data)


class Merging(Act):
    """Others to take in, whose ID stays, and the values that survive: `choice.NAME` a record's, `value.NAME` one's own."""

    def wanted(self) -> Wanted:
        """The merge as it was seen."""
        seen, asked = self.versions(), self.asked()
        return Wanted(ChangeKind.MERGE, tuple(seen), seen, keep=asked.keep, choices=asked.choices)

    def asked(self) -> merging.Asked:
        """The same for its page; the first golden record named is the page's own."""
        keep = (texts(self.data, "keep", most=1) or [""])[0][:24]
        return merging.Asked(others=tuple(self.versions())[1:], keep=keep, choices=self._choices())

    def _choices(self) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for field in self.data:
            kind, _, name = field.partition(".")
            text = (texts(self.data, field, most=1) or [""])[0].strip()[:LONGEST_VALUE]
            if text and kind in {"choice", "value"} and "value" not in found.get(name, {}):
                found[name] = {"value": text} if kind == "value" else {"record": text}
        return found


class Parting(Act):
    """Records that leave, by their stable names, for a new golden record, or for the second one named."""

    def wanted(self) -> Wanted:
        """The split or the move as it was seen."""
        seen = self.versions()
        kind = ChangeKind.MOVE if len(seen) > 1 else ChangeKind.SPLIT
        return Wanted(kind, tuple(seen), seen, parts=(tuple(texts(self.data, "record", most=MOST_RECORDS)),))

    def asked(self) -> parting.Asked:
        """The same for its page."""
        into = (*self.versions(), "", "")[1]
        return parting.Asked(tuple(texts(self.data, "record", most=MOST_RECORDS)), into)


class TakingBack(forms.Form):
    """Why an act is taken back, the page to go back to, and for an unmerge the later acts that a preview named (`seen`)."""

    reason = forms.CharField(max_length=1_000, required=False)
    chain = forms.BooleanField(required=False)
    back = forms.CharField(max_length=24, required=False)

    def seen(self) -> list[int]:
        """The later acts, newest first."""
        return [int(text) for text in texts(self.data, "seen", most=1_000) if text.isdecimal() and len(text) < 19]


class Pinning(forms.Form):
    """A value for a field as it was seen, or `is_empty` that none is right, why, and the last day it holds."""

    attribute = forms.CharField(max_length=60)
    value = forms.CharField(max_length=LONGEST_VALUE, required=False)
    typed = forms.CharField(max_length=LONGEST_VALUE, required=False)
    is_multi = forms.BooleanField(required=False)
    is_empty = forms.BooleanField(required=False)
    version = forms.IntegerField(min_value=1)
    reason = forms.CharField(max_length=1_000, error_messages={"required": "Say why; who reads it later wants to know."})
    until = forms.DateField(required=False, error_messages={"invalid": "The last day is a date, such as 2026-12-31."})

    def clean(self) -> dict[str, Any]:
        """A value, or the word that none is right."""
        said = super().clean() or {}
        if not said.get("value") and not said.get("typed") and not said.get("is_empty"):
            raise forms.ValidationError("Give a value, or say that none is right.")
        return said

    def said(self) -> dict[str, Any]:
        """What the action takes."""
        told = self.cleaned_data
        text = told["typed"] or told["value"]
        value: Any = text.splitlines() if told["is_multi"] else text
        return {
            "attribute": told["attribute"],
            "value": None if told["is_empty"] else value,
            "seen_version": told["version"],
            "reason": told["reason"],
            "expires_at": self._end(),
        }

    def _end(self) -> datetime | None:
        """The last moment of the last day, in the hub's time zone."""
        day = self.cleaned_data["until"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None

    def complaints(self) -> list[str]:
        """What is wrong, in sentences."""
        return [str(error) for errors in self.errors.values() for error in errors]


def texts(data: Any, name: str, *, most: int) -> list[str]:
    """All values of one field that may stand several times, without NUL characters; `most` of them."""
    given = data.getlist(name) if isinstance(data, QueryDict) else data.get(name, [])
    return [str(text).replace("\x00", "") for text in given[:most] if text]
