"""Every component on one page, for whoever changes one."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mdm.readers.golden.aliases import Alias
from mdm.readers.golden.ids import Life, Moment
from mdm.readers.golden.kin.finding_list import End
from mdm.readers.golden.kin.trees import Place
from mdm.readers.golden.review.pair_page import Evidence, Field, Step
from stewardship import pages
from stewardship.presenters import fields, waterfall

FIELDS = (
    Field("name", "Legal name", "Acme Consulting GmbH", "ACME Consulting G.m.b.H.", False, True, None),
    Field("registration_no", "Registration number", "HRB 123456", "HRB 123456", False, True, True),
    Field("address", "Street", "Hauptstr. 12", "Bahnhofsplatz 4a", False, True, None),
    Field("city", "City", "München", "Munich", False, True, True),
    Field("tax_id", "Tax ID", "DE811234567", None, False, True, None),
    Field("phone", "Phone", "+49891234567", "+49891234568", True, True, None),
)
STEPS = (
    Step("Legal name", "acme consulting", "acme consulting", "all words the same", "The names have the same words.", 6.4, False),
    Step("Registration number", "hrb123456", "hrb123456", "same", "Both records have the same register number.", 9.1, False),
    Step("Address", "hauptstr 12", "bahnhofsplatz 4a", "different", "The records name the same place.", -1.2, False),
    Step("Tax number", "de811234567", "", "could not be compared", "Both records have the same number.", 0.0, True),
)
EVIDENCE = Evidence(
    -8.2,
    STEPS,
    6.1,
    0.9856,
    "Between 50 % and 97 %: a steward is asked.",
    ('It would fall below the review threshold if Registration number were "different".',),
)

DAY = datetime(2026, 1, 15, tzinfo=UTC)
LIFE = Life(
    "CUS-DDTP76CT",
    "customer",
    "LIVE",
    DAY,
    (),
    (Alias("legacy", "4711", DAY, "sfa/Account//0013X"),),
    (Moment("born", DAY, "The hub", "", None), Moment("merged", DAY, "Kim L.", "One firm", 7, ("CUS-DDTP76CT",))),
)


WAY = (Place("CUS-4F7K2M9Q", "Acme Consulting GmbH", 1), Place("", "", 2), Place("CUS-DDTP76CT", "Acme SE", 3))
ENDS = (
    End("CUS-4F7K2M9Q", "Acme Consulting GmbH", "erp/account//4711"),
    End("CUS-DDTP76CT", "Acme SE", "crm/account//0013000001AbCdE4T"),
)
FINDINGS = (
    {"kind": "CIRCLE", "ends": ENDS},
    {"kind": "TWO_PARENTS", "ends": ENDS},
    {"kind": "MISSING_SCOPE", "system": "Oracle NetSuite", "scope": "UK", "count": 3, "example": "netsuite/job/UK/50012"},
)


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Shown while CONCORD_DEBUG is on."""
    if not settings.DEBUG:
        raise Http404
    context = {
        "table": fields.table(FIELDS),
        "waterfall": waterfall.waterfall(EVIDENCE),
        "evidence": EVIDENCE,
        "states": [
            "sent",
            "waiting",
            "retrying",
            "dead letter",
            "differs",
            "not sent",
            "DONE",
            "RUNNING",
            "STOPPED",
            "FAILED",
            "OPEN",
            "HEALING",
        ],
        "way": WAY,
        "findings": FINDINGS,
        "life": LIFE,
        "changes": [{"old": "NET30", "new": "NET60"}, {"old": None, "new": "••••", "is_masked": True}],
        "bands": ["AUTO", "REVIEW", "ASKED"],
    }
    return pages.render(request, "stewardship/gallery.html", context)
