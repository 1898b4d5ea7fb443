"""Golden records at a moment: what the hub knew, what was true, both together, and why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdm.actions.golden import overrides
from mdm.errors import NotFound
from mdm.models import GoldenVersion
from mdm.readers.golden.history import compare, then
from mdm.rules.governance.roles import MASK, Role
from tests import people as cast
from tests.factories import firms
from tests.factories.decided import say
from tests.factories.pinned import pin
from tests.factories.records import FIRM, customer, drop, home, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

DAY = timedelta(days=1)
NOW = NOON + 100 * DAY


def moved(city, *, valid, known=None):
    """The firm says that it sits in another city since `valid`; the hub hears of it at `known`."""
    send(customer("1", {**FIRM, "city": city}, updated_at=valid), at=known or valid)


@pytest.fixture
def firm_that_moved(firm):
    """Leeds from day 0, York from day 10, heard on day 12; and, heard on day 20, Hull from day 5."""
    moved("Leeds", valid=NOON)
    moved("York", valid=NOON + 10 * DAY, known=NOON + 12 * DAY)
    moved("Hull", valid=NOON + 5 * DAY, known=NOON + 20 * DAY)
    return home("1").enterprise_id


def city(name, person, **moments):
    return then.find(name, viewer=person, now=NOW, **moments).values["city"]


@pytest.mark.parametrize(
    ("as_of", "known_at", "expected"),
    [
        (None, 1, "Leeds"), (None, 11, "Leeds"), (None, 12, "York"), (None, 30, "York"),
        (1, None, "Leeds"), (5, None, "Hull"), (9, None, "Hull"), (10, None, "York"), (30, None, "York"),
        (11, 11, "Leeds"), (11, 12, "York"), (7, 12, "Leeds"), (7, 20, "Hull"),
    ],
)  # fmt: skip
def test_what_was_true_and_what_was_known_are_two_things(people, firm_that_moved, as_of, known_at, expected):
    asked = {name: NOON + days * DAY for name, days in (("as_of", as_of), ("known_at", known_at)) if days is not None}

    assert city(firm_that_moved, people.ada, **asked) == expected


def test_what_was_known_is_proven_and_what_was_true_has_its_reason(people, firm_that_moved):
    known = then.find(firm_that_moved, viewer=people.ada, now=NOW, known_at=NOON + DAY)
    true = then.find(firm_that_moved, viewer=people.ada, now=NOW, as_of=NOON + 6 * DAY)

    assert (known.is_proven, known.version, known.recorded_at) == (True, 1, NOON)
    assert (true.is_proven, true.status) == (None, "LIVE")
    assert true.provenance["city"]["at"] == (NOON + 5 * DAY).isoformat()
    assert true.provenance["city"]["key"] == "crm/account//1"


def test_a_version_that_was_tampered_with_is_not_proven(people, firm_that_moved):
    GoldenVersion.objects.filter(version=1).update(values={**FIRM, "city": "Nowhere"})

    found = then.find(firm_that_moved, viewer=people.ada, now=NOW, known_at=NOON + DAY)

    assert (found.values["city"], found.is_proven) == ("Nowhere", False)


def test_as_of_now_is_what_stands_now(people, firm_that_moved):
    found = then.find(firm_that_moved, viewer=people.ada, now=NOW, as_of=NOW)

    golden = home("1")
    assert (found.values, found.provenance, found.relations) == (golden.values, golden.provenance, golden.relations)


def test_a_pinned_value_counts_for_the_dates_on_which_it_stood_and_for_what_was_known_of_it(people, firm_that_moved):
    def day(number):
        return NOON + number * DAY

    row = pin(firm_that_moved, "city", "Bristol", actor=people.ada, at=day(30), expires_at=day(60))
    overrides.release(override_id=row.pk, actor=people.ada, at=day(40))

    found = [city(firm_that_moved, people.dee, as_of=day(number)) for number in (29, 30, 39, 40)]
    assert found == ["York", "Bristol", "Bristol", "York"]
    assert city(firm_that_moved, people.dee, as_of=day(50), known_at=day(35)) == "Bristol", "nobody knew of the end yet"
    assert city(firm_that_moved, people.dee, as_of=day(70), known_at=day(35)) == "York", "its own end was known"
    assert city(firm_that_moved, people.dee, as_of=day(35), known_at=day(25)) == "York"
    known = then.find(firm_that_moved, viewer=people.dee, now=NOW, known_at=day(35))
    assert (known.values["city"], known.is_proven) == ("Bristol", True)


def test_before_birth_there_is_a_sentence(people, firm_that_moved):
    with pytest.raises(NotFound, match=r"knew nothing of CUS-\w+ on 2026-01-14, 12:00 UTC; it was born on 2026-01-15, 12:00 UTC"):
        city(firm_that_moved, people.ada, known_at=NOON - DAY)
    with pytest.raises(NotFound, match=r"No source says that CUS-\w+ was there on .*; what is known begins on 2026-01-15"):
        city(firm_that_moved, people.ada, as_of=NOON - DAY)


def test_what_was_gone_then_is_not_there_and_a_retired_id_still_tells_its_past(people):
    send(customer("1"), at=NOON)
    name = home("1").enterprise_id
    drop("1", at=NOON + DAY)

    with pytest.raises(NotFound, match="knew nothing"):
        city(name, people.ada, known_at=NOON - DAY)
    assert then.find(name, viewer=people.ada, now=NOW, known_at=NOON).values["city"] == "Leeds"
    assert then.find(name, viewer=people.ada, now=NOW, known_at=NOW).status == "RETIRED"


def test_a_merged_id_tells_who_followed_it_then(people):
    send(*firms.doubtful("Ulmqua"), at=NOON)
    ids = {home("Ulmqua-a").enterprise_id, home("Ulmqua-b", system="erp").enterprise_id}
    say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.zoe, at=NOON + DAY)
    survivor = home("Ulmqua-a").enterprise_id
    (gone,) = ids - {survivor}

    before = then.find(gone, viewer=people.ada, now=NOW, known_at=NOON)
    after = then.find(gone, viewer=people.ada, now=NOW, known_at=NOW)

    assert (before.status, before.successors, before.is_proven) == ("LIVE", (), True)
    assert (after.status, after.successors, after.values, after.is_proven) == ("MERGED", (survivor,), {}, True)
    assert len(then.find(survivor, viewer=people.ada, now=NOW, known_at=NOW).rows) == 2
    assert len(then.find(survivor, viewer=people.ada, now=NOW, known_at=NOON).rows) == 1


def test_it_costs_seven_queries_however_long_the_history(people, django_assert_max_num_queries):
    for number in range(20):
        send(*firms.alike("Quorl", "crm", "erp", "psa", phone=f"+44 113 496 {number:04d}"), at=later(number))
    name = home("Quorl-crm").enterprise_id

    with django_assert_max_num_queries(7):
        then.find(name, viewer=people.ada, now=NOW, as_of=later(7))
    with django_assert_max_num_queries(6):
        then.find(name, viewer=people.ada, now=NOW, known_at=later(7))


def test_masked_values_and_other_regions_stay_out_of_the_past_too(people):
    there = {"name": "Kestrel Marine Ltd", "country": "AU", "city": "Sydney", "tax_id": "GB980780684"}
    send(customer("1", there), at=NOON)
    send(customer("1", {**FIRM, "tax_id": "GB123456782"}), at=NOON + DAY)
    name, near = home("1").enterprise_id, cast.person("near", Role.STEWARD, regions=["EMEA"])

    found = then.find(name, viewer=people.ben, now=NOW, known_at=NOW)

    assert found.values["tax_id"] == MASK
    assert "980780684" not in str(found)
    assert then.find(name, viewer=near, now=NOW, known_at=NOW).values["city"] == "Leeds"
    for moment in ({"known_at": NOON}, {"as_of": NOON}):
        with pytest.raises(NotFound, match="lies outside your regions"):
            then.find(name, viewer=near, now=NOW, **moment)
    with pytest.raises(NotFound, match="is not known"):
        then.find(name, viewer=people.cy, now=NOW, known_at=NOW)


# Two dates.


def compared(name, person, start, end, by="known_at"):
    return compare.between(name, start=NOON + start * DAY, end=NOON + end * DAY, by=by, viewer=person, now=NOW)


def test_two_dates_differ_by_attribute_and_each_difference_has_its_reason(people, firm_that_moved):
    send(customer("2", {**FIRM, "phone": "+44 113 496 0001", "city": ""}, system="erp"), at=NOON + 30 * DAY)

    found = compared(firm_that_moved, people.ada, 1, 40)

    said = {each.name: (each.before, each.after) for each in found.differences}
    assert said == {"city": ("Leeds", "York"), "phone": (None, "+441134960001")}
    reasons = {each.name: each.reason for each in found.differences}
    assert reasons["city"].startswith("crm/account//1 says something else now.")
    assert reasons["phone"].startswith("erp/account//2 joined.")
    assert (found.joined, found.left) == (("erp/account//2",), ())
    assert "Name" in found.same


def test_the_two_axes_of_time_compare_differently(people, firm_that_moved):
    known = compared(firm_that_moved, people.ada, 1, 7)
    true = compared(firm_that_moved, people.ada, 1, 7, by="as_of")

    assert known.differences == ()
    assert [(each.before, each.after) for each in true.differences] == [("Leeds", "Hull")]


def test_a_date_before_birth_is_an_empty_side_with_a_note(people, firm_that_moved):
    found = compared(firm_that_moved, people.ada, -5, 1)

    assert found.before.then is None
    assert "knew nothing" in found.before.note
    assert {each.before for each in found.differences} == {None}
    with pytest.raises(NotFound, match="knew nothing"):
        compared(firm_that_moved, people.ada, -9, -8)


def test_a_masked_value_that_differs_says_so_and_no_more(people):
    send(customer("1", {**FIRM, "tax_id": "GB980780684"}), at=NOON)
    send(customer("1", {**FIRM, "tax_id": "GB123456782"}), at=NOON + DAY)

    found = compared(home("1").enterprise_id, people.ben, 0, 2)

    assert [(each.name, each.before, each.after) for each in found.differences] == [("tax_id", MASK, MASK)]
    assert "980780684" not in str(found.differences)


@pytest.mark.parametrize("by", ["known_at", "as_of"])
def test_a_comparison_costs_the_same_however_long_the_history(people, firm_that_moved, by, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        compared(firm_that_moved, people.ada, 1, 30, by=by)
