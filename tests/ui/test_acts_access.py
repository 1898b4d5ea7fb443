"""Who may merge, split, move, pin and take back at the desk: the buttons, and behind them the views."""

from __future__ import annotations

import pytest
from django.test import Client

from mdm.rules.governance import roles
from mdm.rules.governance.roles import Role
from tests.factories import desk as work
from tests.factories import pinned, records
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db

# Every address and method: the verb it takes.
ACTS = {
    ("records/{id}/merge/", "get"): "golden.merge",
    ("records/{id}/merge/", "post"): "golden.merge",
    ("records/{id}/merge/confirm", "post"): "golden.merge",
    ("records/{id}/split/", "get"): "golden.split",
    ("records/{id}/split/confirm", "post"): "golden.split",
    ("records/{id}/pin/?field=city", "get"): "golden.override",
    ("records/{id}/pin/set", "post"): "golden.override",
    ("pins/{pin}/end", "post"): "golden.override",
    ("changes/{change}/", "get"): "golden.view",
    ("changes/{change}/undo", "post"): "golden.undo",
    ("changes/{change}/rehearse", "post"): "golden.unmerge",
    ("changes/{change}/unmerge", "post"): "golden.unmerge",
}
ALSO = {("changes/{change}/undo", "post"): "golden.unmerge"}
"""A second verb: the change is somebody else's."""
BUTTONS = {"golden.merge": "/merge/", "golden.split": "/split/", "golden.override": "/pin/?field=city"}


@pytest.fixture
def things(known: People) -> dict[str, object]:
    """A golden record of two systems with a pinned value."""
    records.send(records.customer("A-1"), records.customer("A-2", system="erp"))
    pin = pinned.pin(records.home("A-1"), "city", "York", actor=known.zoe)
    return {"id": records.home("A-1").enterprise_id, "pin": pin.pk, "change": pin.change_set_id}


@pytest.mark.parametrize("role", Role)
def test_a_view_is_open_to_the_roles_that_have_its_verb_and_to_no_other(things, known: People, desk: Desk, role: Role):
    client = desk(known.with_role(role))

    statuses = {key: getattr(client, key[1])(f"/{key[0].format(**things)}").status_code for key in ACTS}

    refused = {key for key, status in statuses.items() if status == 403}
    assert refused == {key for key, verb in ACTS.items() if not (roles.may(role, verb) and roles.may(role, ALSO.get(key, verb)))}
    assert max(statuses.values()) < 500


@pytest.mark.parametrize("role", Role)
def test_the_record_shows_the_buttons_that_work_and_no_others(things, known: People, desk: Desk, role: Role):
    page = text(desk(known.with_role(role)).get(f"/records/{things['id']}/"))

    shown = {verb for verb, part in BUTTONS.items() if f'href="/records/{things["id"]}{part}' in page}
    assert shown == {verb for verb in BUTTONS if roles.may(role, verb)}
    assert (f"/changes/{things['change']}/undo" in page) == roles.may(role, "golden.unmerge")


def test_what_acts_takes_only_a_post(things, known: People, desk: Desk):
    client = desk(known.zoe)

    acting = [path for (path, method) in ACTS if method == "post" and (path, "get") not in ACTS]

    assert {client.get(f"/{path.format(**things)}").status_code for path in acting} == {405}


def test_a_form_of_another_site_does_nothing(things, known: People):
    client = Client(enforce_csrf_checks=True)
    client.force_login(known.zoe)

    assert {client.post(f"/{path.format(**things)}").status_code for path, method in ACTS if method == "post"} == {403}


def test_a_steward_of_another_domain_finds_nothing_to_act_on(things, known: People, desk: Desk):
    client = desk(known.cy)

    for path, method in ACTS:
        if roles.may(Role.STEWARD, ACTS[path, method]):
            said = {"seen": [f"{things['id']}:1"], "attribute": "city", "version": "1", "typed": "York", "reason": "x"}
            status = getattr(client, method)(f"/{path.format(**things)}", said).status_code
            assert status in {400, 404}, (path, method, status)
    assert records.home("A-1").values["city"] == "York"


def test_a_possible_duplicate_leads_to_its_merge_only_for_who_may(known: People, desk: Desk):
    work.pair()
    golden, other = records.home("L-000"), records.home("R-000", system="erp")
    link = f"/records/{golden.enterprise_id}/merge/?with={other.enterprise_id}"

    assert link in text(desk(known.ada).get(f"/records/{golden.enterprise_id}/"))
    assert link not in text(desk(known.ben).get(f"/records/{golden.enterprise_id}/"))
