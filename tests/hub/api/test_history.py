"""The API in time: golden records at a moment, two dates compared, the history of a source record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdm.rules.governance.roles import MASK, Role
from tests import people as cast
from tests.factories import firms
from tests.factories.decided import say
from tests.factories.records import FIRM, customer, drop, home, send
from tests.factories.times import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

DAY = timedelta(days=1)
START, LATER = "2026-01-15T12:00:00Z", "2026-01-17"


@pytest.fixture
def path(firm):
    send(customer("1", {**FIRM, "tax_id": "GB980780684"}, updated_at=NOON), at=NOON)
    send(customer("1", {**FIRM, "city": "York", "tax_id": "GB123456782"}, updated_at=NOON + DAY), at=NOON + DAY)
    return f"golden/customer/{home('1').enterprise_id}"


@pytest.mark.parametrize("name", ["known_at", "as_of"])
def test_a_golden_record_is_read_at_a_moment(api, people, path, name):
    answer = api(people.ada).get(path, **{name: START}, include="provenance,records,relations").json()

    assert answer["values"]["city"] == "Leeds"
    assert answer[name] == START
    assert answer["is_proven"] is (True if name == "known_at" else None)
    assert answer["provenance"]["city"]["key"] == "crm/account//1"
    assert [(each["system"], each["native_id"], each["version"]) for each in answer["records"]] == [("crm", "1", 1)]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"as_of": "2999-01-01"}, 400, "lies in the future"),
        ({"known_at": "soon"}, 400, "is no moment; write 2026-01-31"),
        ({"known_at": START, "include": "history"}, 400, "is unknown for a past date"),
        ({"known_at": "2020-01-01"}, 404, "it was born on 2026-01-15"),
        ({"as_of": "2020-01-01"}, 404, "what is known begins on 2026-01-15"),
    ],
    ids=["the future", "no moment", "no such part", "not known yet", "not there yet"],
)
def test_what_has_no_answer_has_a_sentence(api, people, path, query, status, words):
    answer = api(people.ada).get(path, **query)

    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_a_merged_id_leads_on_with_the_question_unless_the_hub_of_then_is_asked(api, people):
    send(*firms.doubtful("Ulmqua"), at=NOON)
    ids = {home("Ulmqua-a").enterprise_id, home("Ulmqua-b", system="erp").enterprise_id}
    say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.zoe, at=NOON + DAY)
    survivor = home("Ulmqua-a").enterprise_id
    (gone,) = ids - {survivor}

    moved = api(people.ada).get(f"golden/customer/{gone}", as_of=START)
    known = api(people.ada).get(f"golden/customer/{gone}", known_at=START).json()

    assert moved.status_code == 307
    assert moved["Location"].endswith(f"{survivor}?as_of=2026-01-15T12%3A00%3A00Z")
    assert (known["status"], known["successors"]) == ("LIVE", [])


def test_two_dates_are_compared(api, people, path):
    answer = api(people.ben).get(f"{path}:compare", **{"from": START, "to": LATER}).json()

    differences = {each["name"]: (each["before"], each["after"]) for each in answer["differences"]}
    assert differences == {"city": ("Leeds", "York"), "tax_id": (MASK, MASK)}
    assert "says something else now" in answer["differences"][0]["reason"]
    assert (answer["before"]["version"], answer["after"]["version"]) == (1, 2)
    assert answer["before"]["is_proven"] is answer["after"]["is_proven"] is True
    assert "980780684" not in str(answer)


@pytest.mark.parametrize(
    ("query", "words"),
    [({}, "from is missing"), ({"from": START, "by": "heart"}, "by='heart' is unknown")],
    ids=["no date", "no axis"],
)
def test_a_comparison_without_sense_is_refused(api, people, path, query, words):
    answer = api(people.ada).get(f"{path}:compare", **query)

    assert answer.status_code == 400
    assert words in answer.json()["detail"]


def test_a_source_record_tells_its_history(api, people, path):
    send(customer("1", {**FIRM, "city": "Hull"}, updated_at=NOON + DAY / 2), at=NOON + 2 * DAY)
    drop("1", at=NOON + 3 * DAY)

    answer = api(people.ben).get("records/crm/account/1").json()

    assert (answer["is_live"], answer["domain"], answer["native_id"]) == (False, "customer", "1")
    said = [(each["version"], each["is_live"], each["is_superseded"], each["attributes"]["city"]) for each in answer["versions"]]
    assert said == [(3, False, False, "York"), (2, True, True, "Hull"), (2, True, False, "York"), (1, True, False, "Leeds")]
    assert [(each["since"], each["until"] is None) for each in answer["homes"]] == [(START, False)]
    assert {each["attributes"].get("tax_id") for each in answer["versions"]} == {MASK, None}
    assert api(people.ben).get("records/crm/account/2").status_code == 404


def test_a_record_and_its_versions_of_another_region_are_not_there(api, people, path):
    send(customer("2", {**FIRM, "name": "Roo Vexquol", "country": "AU", "city": "Sydney"}), at=NOON)
    send(customer("1", {**FIRM, "country": "AU", "city": "Perth"}, updated_at=NOON + 2 * DAY), at=NOON + 2 * DAY)
    near, far = (api(cast.person(name, Role.STEWARD, regions=[name])) for name in ("EMEA", "APAC"))

    assert near.get("records/crm/account/2").status_code == 404
    assert near.get("records/crm/account/1").status_code == 404
    assert [each["attributes"]["city"] for each in far.get("records/crm/account/1").json()["versions"]] == ["Perth"]
    assert api(people.cy).get("records/crm/account/1").status_code == 404
