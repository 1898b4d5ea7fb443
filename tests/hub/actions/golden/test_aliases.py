"""Aliases: imported all or none, kept for ever, listed where their thing is asked for."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from mdm import permissions
from mdm.actions.golden.ids import aliases
from mdm.errors import BadInput, NotAllowed
from mdm.models import AuditEntry, IdAlias
from mdm.rules.golden import alias_lines, enterprise_id
from mdm.rules.governance.roles import Role
from tests.factories import firms, ids
from tests.factories.records import OTHER, customer, home, send
from tests.factories.times import NOON, later
from tests.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


@pytest.fixture
def two():
    send(customer("1"), customer("2", OTHER))


def run(path, *arguments):
    said = StringIO()
    call_command("ids", "import", str(path), "--issuer", "legacy", *arguments, stdout=said, stderr=StringIO())
    return said.getvalue().strip()


def file(tmp_path, *lines, name="ids.csv"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def take(*rows, actor=None, issuer="legacy"):
    lines = [alias_lines.read(place, row, system="crm", object="account") for place, row in enumerate(rows, start=2)]
    return aliases.import_all(issuer=issuer, lines=lines, actor=actor or permissions.machine(), at=NOON)


def test_the_command_keeps_names_told_by_key_and_by_id_and_is_safe_to_run_again(tmp_path, two):
    path = file(
        tmp_path,
        "alias,enterprise_id,system,object,native_id,comment",
        "A-1,,crm,account,1,first",
        f"A-2,{home('2').enterprise_id.lower()},,,,",
    )

    first, again = run(path), run(path)

    assert (first, again) == ("2 added, 0 unchanged", "0 added, 2 unchanged")
    assert AuditEntry.objects.filter(verb="id.import").count() == 1
    assert set(IdAlias.objects.values_list("issuer", "alias", "record__native_id", "golden__enterprise_id")) == {
        ("legacy", "A-1", "1", None),
        ("legacy", "A-2", None, home("2").enterprise_id),
    }


def test_the_command_takes_places_from_its_options(tmp_path, two):
    path = file(tmp_path, "alias;native_id", "A-1;1", "A-2;2")

    assert run(path, "--system", "crm", "--object", "account", "--scope", "") == "2 added, 0 unchanged"


def test_all_bad_lines_are_reported_together_and_nothing_is_half_done(tmp_path, two):
    path = file(
        tmp_path,
        "alias,enterprise_id,native_id",
        "good,,1",
        ",,2",
        "mistyped,CUS-00000000,",
        "ghost,,99",
        "twice,,1",
        "twice,,2",
        "a,b,c,d",
        f"never,{enterprise_id.make('CUS', 9_999_999)},",
        f"reserved,{ids.reserve()[0]},",
    )

    with pytest.raises(BadInput) as refused:
        run(path, "--system", "crm", "--object", "account")

    assert [line.split(":")[0] for line in refused.value.message.split("\n")[1:]] == [f"line {n}" for n in (3, 4, 5, 7, 8, 9, 10)]
    assert refused.value.message.startswith("7 lines cannot be taken, and nothing was imported.")
    assert [problem["code"] for problem in refused.value.problems] == [
        "missing", "bad_check_character", "unknown_record", "alias_twice", "unreadable", "unknown_id", "unknown_id",
    ]  # fmt: skip
    assert not IdAlias.objects.exists()


@pytest.mark.parametrize("header", ["name,native_id", "alias", "alias,id"])
def test_a_file_without_the_columns_is_refused(tmp_path, header):
    with pytest.raises(BadInput):
        run(file(tmp_path, header, "x,y"))


@pytest.mark.parametrize("issuer", ["", "a:b", "x" * 61])
def test_an_issuer_without_a_name_is_refused(two, issuer):
    with pytest.raises(BadInput):
        take({"alias": "A", "native_id": "1"}, issuer=issuer)


def test_an_alias_is_the_name_of_one_thing_for_ever(two):
    take({"alias": "A", "native_id": "1"})

    with pytest.raises(BadInput, match="line 2: A is the name of something else already"):
        take({"alias": "A", "native_id": "2"})
    assert take({"alias": "A", "native_id": "2"}, issuer="other").added == 1
    assert take({"alias": "a", "native_id": "2"}).added == 1


def test_the_same_line_twice_in_a_file_counts_once(two):
    assert take({"alias": "A", "native_id": "1"}, {"alias": "A", "native_id": "1"}) == aliases.Counted(1, 0)


def test_an_alias_of_a_second_name_follows_the_record_that_claimed_it():
    crm, erp = firms.alike("Quorl", "crm", "erp")
    name = ids.reserve()[0]
    send(crm)
    send(customer(erp.native_id, dict(erp.payload), system="erp", enterprise_id=name), at=later(1))

    take({"alias": "A", "enterprise_id": name})

    assert IdAlias.objects.get().record.native_id == "Quorl-erp"


def test_only_those_who_import_do_and_only_within_their_domains(two, people):
    with pytest.raises(NotAllowed):
        take({"alias": "A", "native_id": "1"}, actor=people.ada)
    with pytest.raises(NotAllowed, match="all regions at once"):
        take({"alias": "A", "native_id": "1"}, actor=person("far", Role.OPERATOR, regions=["EMEA"]))
    elsewhere = person("elsewhere", Role.OPERATOR, domains=["project"])
    for row in ({"alias": "A", "native_id": "1"}, {"alias": "A", "enterprise_id": home("1").enterprise_id}):
        with pytest.raises(BadInput, match="1 line cannot be taken"):
            take(row, actor=elsewhere)


def test_many_lines_are_looked_up_in_few_statements(two, django_assert_max_num_queries):
    rows = [{"alias": f"A-{number}", "native_id": str(1 + number % 2)} for number in range(500)]

    with django_assert_max_num_queries(12):
        assert take(*rows).added == 500


def test_crosswalk_answers_list_the_aliases_where_they_are_asked_for(two, api, people):
    take({"alias": "A-1", "native_id": "1"}, {"alias": "A-0", "enterprise_id": home("1").enterprise_id})
    ben = api(people.ben)
    keys = [{"system": "crm", "object": "account", "native_id": name} for name in ("1", "2", "ghost")]

    one = ben.get("crosswalk/crm/account/1", include="aliases").json()
    many = ben.post("crosswalk:lookup?include=aliases", {"keys": keys}).json()["entries"]

    assert one["aliases"] == ["legacy:A-0", "legacy:A-1"]
    assert [entry and entry["aliases"] for entry in many] == [["legacy:A-0", "legacy:A-1"], [], None]
    assert "aliases" not in ben.get("crosswalk/crm/account/1").json()
    assert ben.get("crosswalk/crm/account/1", include="names").status_code == 400


def test_an_alias_leads_to_the_life_of_its_id(two, api, people):
    take({"alias": "A/1 b:c", "native_id": "1"})

    told = api(people.ben).get("ids/Legacy:A/1 b:c").json()

    assert told["enterprise_id"] == home("1").enterprise_id
    assert told["aliases"] == [{"issuer": "legacy", "alias": "A/1 b:c", "since": "2026-01-15T12:00:00Z", "key": "crm/account//1"}]
    assert api(person("far", Role.VIEWER, regions=["APAC"])).get("ids/legacy:A/1 b:c").status_code == 404
    assert api(people.cy).get("ids/legacy:A/1 b:c").status_code == 404
