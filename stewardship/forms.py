"""What the desk's forms may say."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from mdm.readers.golden.review.pairs import BANDS, WAITING, Wanted
from mdm.rules.golden import reservation_states
from mdm.rules.golden.pair_states import PairStatus
from mdm.rules.governance.request_states import RequestKind, RequestStatus

KEY = ("system", "object", "domain", "scope", "native_id", "enterprise_id")


class QueueFilter(forms.Form):
    """Which part of the queue; what is not said is not limited."""

    status = forms.ChoiceField(choices=[(name, name) for name in WAITING], required=False)
    domain = forms.CharField(max_length=60, required=False)
    band = forms.ChoiceField(choices=[(name, name) for name in BANDS], required=False)
    source = forms.CharField(max_length=60, required=False)

    def wanted(self) -> Wanted:
        """The filter as said; what does not make sense is left out."""
        said = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return Wanted(
            domain=said.get("domain", ""),
            band=said.get("band", ""),
            source=said.get("source", ""),
            status=said.get("status") or "OPEN",
        )


class Verdict(forms.Form):
    """A verdict on the pair as it was seen."""

    verdict = forms.ChoiceField(choices=[(word, word) for word in ("SAME", "DIFFERENT", "UNSURE")])
    version = forms.IntegerField(min_value=1)
    reason = forms.CharField(max_length=1_000, required=False)

    def said(self) -> dict[str, Any]:
        return {
            "verdict": PairStatus(self.cleaned_data["verdict"]),
            "seen_version": self.cleaned_data["version"],
            "reason": self.cleaned_data["reason"],
        }


class Mending(forms.Form):
    """The payload of a refused record, as JSON text, its key, and the version it was read at."""

    payload = forms.CharField(max_length=2_000_000, strip=False)
    version = forms.IntegerField(min_value=1)
    system = forms.CharField(max_length=255, required=False)
    object = forms.CharField(max_length=255, required=False)
    domain = forms.CharField(max_length=255, required=False)
    scope = forms.CharField(max_length=255, required=False)
    native_id = forms.CharField(max_length=255, required=False)
    enterprise_id = forms.CharField(max_length=255, required=False)

    def key(self) -> dict[str, str]:
        """The parts of the key that the form named."""
        return {name: self.cleaned_data[name] for name in KEY if name in self.data}

    def clean_payload(self) -> dict[str, Any]:
        """The text as a JSON object; what is wrong with it is said with line and column."""
        try:
            value = json.loads(self.cleaned_data["payload"])
        except json.JSONDecodeError as error:
            raise forms.ValidationError(f"This is no JSON: {error.msg} in line {error.lineno}, column {error.colno}.") from error
        except RecursionError as error:
            raise forms.ValidationError("This JSON is nested too deeply.") from error
        if not isinstance(value, dict):
            raise forms.ValidationError("A record is a JSON object: names and values in braces.")
        return value


class Discard(forms.Form):
    """A record that nobody will mend, and why."""

    version = forms.IntegerField(min_value=1)
    reason = forms.CharField(max_length=1_000)


class Reason(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=1_000)


class Why(forms.Form):
    """Why, if somebody cares to say."""

    reason = forms.CharField(max_length=1_000, required=False)


class Approval(forms.Form):
    """The word of a second person on a release; one that is forced says why."""

    reason = forms.CharField(max_length=1_000, required=False)
    force = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Force takes a reason."""
        said = super().clean() or {}
        if said.get("force") and not said.get("reason"):
            raise forms.ValidationError("A reason is needed to go above the limits.")
        return said


RESUBMIT_LIMITS = {"code": 80, "system": 255, "domain": 255}


class Resubmission(forms.Form):
    """Which refused records to send in again, and what was mended."""

    code = forms.CharField(max_length=RESUBMIT_LIMITS["code"], required=False)
    system = forms.CharField(max_length=RESUBMIT_LIMITS["system"], required=False)
    domain = forms.CharField(max_length=RESUBMIT_LIMITS["domain"], required=False)
    reason = forms.CharField(max_length=1_000)


class Erasure(forms.Form):
    """Whose data goes, and why; the reason stays in the certificate."""

    enterprise_id = forms.CharField(max_length=24)
    reason = forms.CharField(max_length=1_000)


class Replay(forms.Form):
    """Dead letters to send again, and why."""

    job = forms.TypedMultipleChoiceField(coerce=int, choices=())
    reason = forms.CharField(max_length=1_000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.data.getlist("job") if hasattr(self.data, "getlist") else []
        # Any number is a job that the action then looks for; it refuses those that do not exist.
        self.fields["job"].choices = [(text, text) for text in given[:500] if text.isdigit()]  # type: ignore[attr-defined]


class Reserving(forms.Form):
    """How many enterprise IDs to reserve, of which domain, for how many days, and what for."""

    domain = forms.CharField(max_length=60)
    purpose = forms.CharField(max_length=200)
    count = forms.IntegerField(min_value=1, max_value=reservation_states.MOST, initial=1)
    days = forms.IntegerField(min_value=1, max_value=reservation_states.LONGEST.days, initial=7)


class Chosen(forms.Form):
    """Reserved IDs that somebody chose from the list."""

    id = forms.TypedMultipleChoiceField(choices=(), error_messages={"required": "Choose at least one reserved ID."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.data.getlist("id") if hasattr(self.data, "getlist") else []
        # Any text may be a reserved ID; the action refuses what is none.
        self.fields["id"].choices = [(text, text) for text in given[:500]]  # type: ignore[attr-defined]


class GivingBack(Chosen):
    """Reserved IDs to give back, and why."""

    reason = forms.CharField(max_length=1_000, required=False)


class Holding(Chosen):
    """Reserved IDs to hold for so many days from now."""

    days = forms.IntegerField(min_value=1, max_value=reservation_states.LONGEST.days)


class DeskSettings(forms.Form):
    """A person's settings."""

    theme = forms.ChoiceField(choices=[("auto", "As the system"), ("light", "Light"), ("dark", "Dark")])
    has_shortcuts = forms.BooleanField(required=False)


class Answer(forms.Form):
    """A yes, or something taken back, at the version that was read."""

    version = forms.IntegerField(min_value=1)
    reason = forms.CharField(max_length=1_000, required=False)


class Comment(forms.Form):
    """Words."""

    text = forms.CharField(max_length=1_000)


class Asking(forms.Form):
    """Another value for a field, blank for none, and why."""

    attribute = forms.CharField(max_length=60)
    value = forms.CharField(max_length=2_000, required=False)
    reason = forms.CharField(max_length=1_000)

    def said(self) -> dict[str, Any]:
        """What the action takes."""
        return {**self.cleaned_data, "value": self.cleaned_data["value"] or None}


class RequestFilter(forms.Form):
    """Which change requests to list; what makes no sense is no limit."""

    domain = forms.CharField(max_length=60, required=False)
    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in RequestKind], required=False)
    status = forms.ChoiceField(choices=[(status.value, status.value) for status in RequestStatus], required=False)
    place = forms.IntegerField(min_value=0, max_value=2**62, required=False)

    def said(self) -> dict[str, str]:
        """What the reader takes."""
        self.is_valid()
        known = {name: str(self.cleaned_data.get(name) or "") for name in ("domain", "kind")}
        return {**known, "status": self.cleaned_data.get("status") or "WAITING"}

    def after(self) -> int:
        """Where the page begins."""
        self.is_valid()
        return self.cleaned_data.get("place") or 0
