"""The search box."""

from __future__ import annotations

import pytest

from tests.factories import desk as work
from tests.factories import firms, records
from tests.factories.decided import say
from tests.factories.ids import alias, reserve
from tests.people import People
from tests.ui.conftest import Desk, text

pytestmark = pytest.mark.django_db

NORDWIND = {
    "name": "Nordwind Maschinenbau GmbH",
    "country": "DE",
    "city": "Bremen",
    "tax_id": "DE 136 695 976",
    "domain": "nordwind-maschinen.de",
    "phone": "+49 421 5550123",
}


@pytest.fixture
def nordwind(known: People) -> str:
    records.send(records.customer("0013X00002", NORDWIND), *(records.customer(f"X-{n}", work.firm(n)) for n in range(4)))
    return records.home("0013X00002").enterprise_id


def hits(response) -> list[tuple[str, str, str]]:
    return [(hit.enterprise_id, hit.what, hit.how) for hit in response.context["found"].hits]


@pytest.mark.parametrize(
    ("typed", "what", "how"),
    [
        ("Nordwind Maschinenbau GmbH", "Name", "is"),
        ("maschinenbau", "Name", "holds"),
        ("Nrodwind Maschinenbua", "Name", "alike"),
        ("Nordwnd", "Name", "alike"),
        ("0013x00002", "Crm ID", "is"),
        ("0013X", "Crm ID", "holds"),
        ("DE136695976", "Tax ID", "is"),
        ("DE 136 695 976", "Tax ID", "is"),
        ("+49 421 5550123", "Phone", "is"),
        ("nordwind-maschinen.de", "Web domain", "is"),
        ("https://www.nordwind-maschinen.de/", "Web domain", "is"),
        ("bremen", "City", "is"),
    ],
)
def test_finds_what_a_person_types_and_says_why(known: People, desk: Desk, nordwind: str, typed: str, what: str, how: str):
    response = desk(known.ada).get("/records/", {"q": typed})

    assert hits(response)[0] == (nordwind, what, how)


@pytest.mark.parametrize("typed", ["Old-4711", "old-4711", "legacy:OLD-4711"])
def test_the_name_that_an_older_hub_gave_is_found(known: People, desk: Desk, nordwind: str, typed: str):
    alias("Old-4711", system="crm", native_id="0013X00002")

    assert hits(desk(known.ada).get("/records/", {"q": typed}))[0] == (nordwind, "Alias of legacy", "is")
    assert nordwind not in [hit[0] for hit in hits(desk(known.cy).get("/records/", {"q": typed}))]


def test_an_alias_of_an_id_that_was_merged_finds_its_survivor(known: People, desk: Desk):
    records.send(*firms.doubtful("Ulmqua"))
    alias("Old-1", enterprise_id=records.home("Ulmqua-b", system="erp").enterprise_id)
    say("SAME", "Ulmqua-a", "Ulmqua-b", actor=known.ada)

    assert hits(desk(known.ada).get("/records/", {"q": "old-1"}))[0][0] == records.home("Ulmqua-a").enterprise_id


def test_a_reserved_id_says_how_it_stands(known: People, desk: Desk, nordwind: str):
    held = reserve()[0]
    records.send(records.customer("0013X00002", NORDWIND, enterprise_id=(second := reserve()[0])))

    assert "waits for its record" in text(desk(known.ada).get("/records/", {"q": held}))
    assert "waits for its record" not in text(desk(known.cy).get("/records/", {"q": held}))
    assert hits(desk(known.ada).get("/records/", {"q": second}))[0] == (nordwind, "Enterprise ID", "is")


def test_an_enterprise_id_is_found_however_it_is_written(known: People, desk: Desk, nordwind: str):
    response = desk(known.ada).get("/records/", {"q": nordwind.lower().replace("-", " ")})

    assert hits(response)[0] == (nordwind, "Enterprise ID", "is")


@pytest.mark.parametrize("word", ["consulting", "customized1", "Customising", "con-4f7k2m9q"])
def test_a_word_as_long_as_an_id_is_not_called_a_mistyped_one(known: People, desk: Desk, nordwind: str, word: str):
    said = text(desk(known.ada).get("/records/", {"q": word}))

    assert ("mistyped" in said) == (word == "customized1")  # begins as CUS and holds a digit: may well be one


def test_a_mistyped_enterprise_id_says_so(known: People, desk: Desk, nordwind: str):
    typed = nordwind[:-1] + ("0" if nordwind[-1] != "0" else "1")

    assert "mistyped" in text(desk(known.ada).get("/records/", {"q": typed}))


@pytest.mark.parametrize("typed", ["DE136695976", "136695976", "de136", "+49 421 5550123"])
def test_what_is_masked_is_not_found_either(known: People, desk: Desk, nordwind: str, typed: str):
    response = desk(known.ben).get("/records/", {"q": typed})

    assert hits(response) == []
    assert "136695976" not in text(response).replace(f'value="{typed}"', "").replace(f"“{typed}”", "").replace(
        f"<title>{typed}", ""
    )


def test_others_domains_and_regions_do_not_show(known: People, desk: Desk, nordwind: str):
    assert hits(desk(known.cy).get("/records/", {"q": "Nordwind"})) == []
    known.cy.domains = ["customer"]
    known.cy.save()
    assert hits(desk(known.cy).get("/records/", {"q": nordwind})) == []


@pytest.mark.parametrize("typed", ["", " ", "%", "_", "'; drop table x --", "\x00", "a" * 5_000, "🦆", "\\", "(", "CUS-"])
def test_any_text_is_answered(known: People, desk: Desk, nordwind: str, typed: str):
    assert desk(known.ada).get("/records/", {"q": typed}).status_code == 200


def test_nothing_found_says_what_was_searched(known: People, desk: Desk, nordwind: str):
    page = text(desk(known.ada).get("/records/", {"q": "zzzqqq", "type": "customer"}))

    assert "Nothing found for “zzzqqq”" in page
    assert "Search all domains" in page


def test_one_domain_only(known: People, desk: Desk, nordwind: str):
    assert hits(desk(known.ada).get("/records/", {"q": "Nordwind", "type": "legal_entity"})) == []
