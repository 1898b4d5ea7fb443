"""P2: enterprise IDs are for ever; one that was retired says how, when, and who follows."""

from __future__ import annotations

import pytest

from mdm.models import Golden, IdLife
from mdm.rules.golden import enterprise_id
from tests.factories import firms, states
from tests.factories.decided import say, take_back
from tests.factories.ids import alias
from tests.factories.records import customer, drop, home, send
from tests.factories.times import later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


@pytest.fixture
def ben(api, people):
    return api(people.ben)


def ask(caller, name, **query):
    return caller.get(f"golden/customer/{name}", **query)


def merged_pair(people):
    """Two golden records that a decision joined: the survivor's ID, the other's, the decision."""
    send(*firms.doubtful("Ulmqua"))
    kept, ended = home("Ulmqua-a").enterprise_id, home("Ulmqua-b", system="erp").enterprise_id
    return kept, ended, say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))


def test_p2_a_merged_id_leads_to_its_survivor_and_the_answer_must_not_be_kept(ben, people):
    kept, ended, _ = merged_pair(people)

    answer = ask(ben, ended)

    assert answer.status_code == 307
    assert answer["Location"] == f"/api/v1/golden/customer/{kept}"
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {
        "enterprise_id": ended,
        "domain": "customer",
        "status": "MERGED",
        "cause": "merged",
        "since": "2026-01-15T12:01:00Z",
        "successors": [kept],
    }


def test_p2_an_undone_merge_brings_the_id_back(ben, people):
    kept, ended, decision = merged_pair(people)

    take_back(decision, actor=people.ada, at=later(2))

    assert ask(ben, ended).status_code == 200
    assert ask(ben, kept).status_code == 200
    causes = IdLife.objects.filter(golden__enterprise_id=ended).order_by("id").values_list("cause", flat=True)
    assert list(causes) == ["born", "merged", "restored"]


def test_p2_ten_merges_in_a_row_are_one_hop(ben):
    send(*firms.alike("Carrier", "crm"))
    first = home("Carrier-crm").enterprise_id
    chain = [first]
    for number in range(10):
        two = firms.alike(f"Heir{'abcdefghij'[number]}quox", "crm", "erp")
        send(*two)
        send(firms.become("Carrier-crm", two[0], system="crm"))
        for one in two:
            drop(one.native_id, system=one.system)
        chain.append(home("Carrier-crm").enterprise_id)

    answer = ask(ben, first)

    assert len(set(chain)) == 11
    assert answer.status_code == 307
    assert answer["Location"].endswith(chain[-1])
    assert ask(ben, chain[-1]).status_code == 200
    assert states.faults() == []


def split_in_two():
    """A golden record whose two records went to two others; returns its ID."""
    send(
        *firms.alike("Quorl", "crm", "erp"),
        *(north := firms.alike("Northvexpol", "psa", "hr")),
        *(south := firms.alike("Southkelmar", "psa", "hr")),
    )
    ended = home("Quorl-crm").enterprise_id
    send(firms.become("Quorl-crm", north[0], system="crm"), firms.become("Quorl-erp", south[0], system="erp"))
    return ended


def test_p2_a_split_id_without_a_key_lists_the_branches(ben):
    ended = split_in_two()

    answer = ask(ben, ended)

    branches = {home("Northvexpol-psa", system="psa").enterprise_id, home("Southkelmar-psa", system="psa").enterprise_id}
    assert answer.status_code == 300
    assert "Location" not in answer
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()["successors"]) == branches
    assert answer.json()["status"] == "SPLIT"


@pytest.mark.parametrize(
    ("key", "branch"), [("crm/account//Quorl-crm", "Northvexpol-psa"), ("erp/account//Quorl-erp", "Southkelmar-psa")]
)
def test_p2_a_split_id_with_the_callers_key_leads_to_its_own_branch(ben, key, branch):
    ended = split_in_two()

    answer = ask(ben, ended, key=key)

    assert answer.status_code == 307
    assert answer["Location"].endswith(home(branch, system="psa").enterprise_id)


def test_p2_a_live_id_leads_a_caller_whose_record_left_it_to_where_it_went(ben):
    send(*firms.alike("Quorl", "crm", "erp", "psa"), *(north := firms.alike("Northvexpol", "psa", "hr")))
    stayed = home("Quorl-erp", system="erp").enterprise_id
    send(firms.become("Quorl-crm", north[0], system="crm"))

    mine, other = ask(ben, stayed, key="crm/account//Quorl-crm"), ask(ben, stayed, key="erp/account//Quorl-erp")

    assert (mine.status_code, other.status_code) == (307, 200)
    assert mine["Location"].endswith(home("Northvexpol-hr", system="hr").enterprise_id)
    assert ask(ben, stayed).status_code == 200


def test_p2_an_id_whose_records_are_all_gone_answers_gone_and_comes_back_with_them(ben):
    send(customer("1"))
    name = home("1").enterprise_id
    drop("1", at=later(1))

    gone = ask(ben, name)

    assert gone.status_code == 410
    assert gone["Cache-Control"] == "no-store"
    assert (gone.json()["status"], gone.json()["cause"], gone.json()["successors"]) == ("RETIRED", "emptied", [])
    send(customer("1"), at=later(2))
    assert ask(ben, name).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (lambda name: name[:-1] + ("0" if name[-1] != "0" else "1"), 400, "bad_check_character"),
        (
            lambda name: name[:5] + name[6] + name[5] + name[7:] if name[5] != name[6] else name[:4] + "00" + name[6:],
            400,
            "bad_check_character",
        ),
        (lambda name: "nonsense", 400, "bad_input"),
        (lambda name: enterprise_id.make("CUS", 9_999_999), 404, "not_found"),
        (lambda name: enterprise_id.make("PRJ", 1), 404, "not_found"),
    ],
    ids=["wrong character", "swapped characters", "no ID", "never issued", "of another domain"],
)
def test_p2_an_id_that_is_none_is_refused_with_its_reason(ben, change, status, code):
    send(customer("1"))

    answer = ask(ben, change(home("1").enterprise_id))

    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert answer["Content-Type"] == "application/problem+json"


def test_p2_what_people_type_is_understood(ben):
    send(customer("1"))
    name = home("1").enterprise_id

    assert ask(ben, name.lower().replace("-", " ")).json()["enterprise_id"] == name


def test_p2_the_answer_has_a_tag_that_changes_with_the_version(ben):
    send(customer("1"))
    name = home("1").enterprise_id
    tag = ask(ben, name)["ETag"]

    again = ben.client.get(f"/api/v1/golden/customer/{name}", headers={**ben.headers, "If-None-Match": tag})
    send(customer("1", {"name": "Kestrel Marine Limited", "country": "GB", "city": "York"}), at=later(1))

    assert again.status_code == 304
    assert ask(ben, name)["ETag"] != tag


def test_p2_no_id_is_ever_given_twice(people):
    for number in range(30):
        send(customer(str(number), {"name": f"Firm{number}quol Ltd", "country": "GB", "city": "Leeds"}))
        drop(str(number))

    names = Golden.objects.values_list("enterprise_id", flat=True)

    assert len(names) == len(set(names)) == 30


def named(ben, alias):
    """What `GET ids` says of an alias: the ID it leads to, its status, who follows."""
    told = ben.get(f"ids/legacy:{alias}").json()
    return told["enterprise_id"], told["status"], set(told["heirs"])


def test_p2_an_alias_of_another_hub_follows_its_record_and_its_id_through_merge_and_undo(ben, people):
    send(*firms.doubtful("Ulmqua"))
    kept, ended = home("Ulmqua-a").enterprise_id, home("Ulmqua-b", system="erp").enterprise_id
    alias("by-key", native_id="Ulmqua-b", system="erp")
    alias("by-id", enterprise_id=ended)
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))

    merged = [named(ben, "by-key"), named(ben, "by-id")]
    listed = [one["alias"] for one in ben.get(f"ids/{kept}").json()["aliases"]]
    take_back(decision, actor=people.ada, at=later(2))

    assert merged == [(kept, "LIVE", set())] * 2
    assert listed == ["by-id", "by-key"]
    assert [named(ben, "by-key"), named(ben, "by-id")] == [(ended, "LIVE", set())] * 2
    assert ben.get(f"ids/{kept}").json()["aliases"] == []


def test_p2_an_alias_goes_with_its_record_when_an_id_is_split(ben):
    send(*firms.alike("Quorl", "crm", "erp"))
    whole = home("Quorl-crm").enterprise_id
    alias("by-key", native_id="Quorl-erp", system="erp")
    alias("by-id", enterprise_id=whole)
    ended = split_in_two()

    branches = {home("Northvexpol-psa", system="psa").enterprise_id, home("Southkelmar-psa", system="psa").enterprise_id}
    south = home("Southkelmar-psa", system="psa").enterprise_id
    assert ended == whole
    assert named(ben, "by-key") == (south, "LIVE", set())
    assert named(ben, "by-id") == (whole, "SPLIT", branches)
    assert [one["alias"] for one in ben.get(f"ids/{south}").json()["aliases"]] == ["by-id", "by-key"]
    for name in branches - {south}:
        assert [one["alias"] for one in ben.get(f"ids/{name}").json()["aliases"]] == ["by-id"]


def test_p2_an_alias_of_a_record_that_is_gone_still_leads_to_its_id(ben):
    send(customer("1"))
    name = home("1").enterprise_id
    alias("A", native_id="1", system="crm")
    drop("1", at=later(1))

    assert named(ben, "A") == (name, "RETIRED", set())
    assert [one["alias"] for one in ben.get(f"ids/{name}").json()["aliases"]] == ["A"]
