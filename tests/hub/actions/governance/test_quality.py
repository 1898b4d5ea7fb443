"""Grades stay true: with every change, with time alone, with new rules; and each night's figures are what the records say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from mdm import permissions
from mdm.actions.exchange import jobs, schedules
from mdm.actions.golden import refreshing
from mdm.actions.governance import quality
from mdm.actions.governance import releases as releasing
from mdm.engine import grading, members, releases
from mdm.errors import BadInput, NotAllowed, NotFound
from mdm.models import AuditEntry, Golden, GoldenVersion, QualityDay, SourceRecord
from mdm.readers.governance import graded
from mdm.readers.governance import quality as figures
from mdm.rules.golden.trust import Trust, Weight
from mdm.rules.governance.roles import Role
from mdm.rules.intake.quality import QualityRule
from tests import people as cast
from tests.factories import firms, states
from tests.factories.records import customer, drop, home, record, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

DAY = timedelta(days=1)
RULES = (
    QualityRule("reachable", "Neither phone nor e-mail", "any_of", ("phone", "email"), 3),
    QualityRule("contact", "Phone failed its check", "valid", ("phone",), 2),
    QualityRule("fresh", "Old", "fresh", days=100),
)


@pytest.fixture
def machine():
    return permissions.machine()


def publish(*rules, at=NOON, **more):
    spec = releases.current("customer").spec
    releasing.publish(spec=replace(spec, quality=rules, **more), actor=permissions.machine(), at=at)


@pytest.fixture
def ruled(firm):
    publish(*RULES)


def fault(native_id, *, system="crm"):
    golden = home(native_id, system=system)
    return golden.quality, golden.failing


def own(native_id, *, system="crm"):
    row = record(native_id, system=system)
    return row.quality, row.failing


def figure(system="", rule="", day=NOON):
    row = QualityDay.objects.get(domain="customer", system=system, rule=rule, day=day.date())
    return row.records, row.failing, round(row.score, 2)


def stored_grades():
    rows = {f"golden {row.pk}": row for row in Golden.objects.live()} | {
        f"record {row.pk}": row for row in SourceRecord.objects.filter(is_live=True)
    }
    return {name: (row.quality, row.failing, row.grade_due_at) for name, row in rows.items()}


def test_a_record_is_graded_as_it_comes_in_and_its_golden_record_by_what_survives(ruled):
    send(*firms.alike("Quorl", "crm"), *firms.alike("Quorl", "erp", phone="+44 113 496 0001"))

    assert own("Quorl-crm") == (50, ["reachable"]) or own("Quorl-crm") == (25, ["reachable"])
    assert own("Quorl-erp", system="erp") == (100, [])
    assert fault("Quorl-crm") == (100, [])


def test_it_follows_every_change(ruled):
    send(*firms.alike("Quorl", "crm"), *firms.alike("Quorl", "erp", phone="+44 113 496 0001"))

    send(*firms.alike("Quorl", "erp", phone="no phone at all"), at=later(1))
    assert fault("Quorl-crm") == (66, ["contact"])
    drop("Quorl-erp", system="erp", at=later(2))
    assert fault("Quorl-crm") == (25, ["reachable"])


def test_a_change_that_survives_nowhere_still_makes_it_timely_without_a_version(firm, machine):
    owned = {name: {"crm": "owner"} for name in releases.current("customer").spec.attribute_names}
    publish(*RULES, ownership=owned, unowned_change="ignored", survivorship=())
    send(*firms.alike("Quorl", "crm", "erp", phone="+44 113 496 0001"))
    quality.grade_all(actor=machine, at=NOON + 100 * DAY)
    assert fault("Quorl-crm") == (83, ["fresh"])
    before = home("Quorl-crm").version

    send(*firms.alike("Quorl", "erp", phone="+44 113 496 0002"), at=NOON + 101 * DAY)

    assert fault("Quorl-crm") == (100, [])
    assert home("Quorl-crm").version == before


def test_a_source_that_confirms_a_record_as_it_is_makes_it_timely_the_next_night(ruled, machine):
    said = dict(firms.alike("Quorl", "crm", phone="+44 113 496 0001")[0].payload)
    send(customer("Quorl-crm", said, updated_at=NOON))
    quality.grade_all(actor=machine, at=NOON + 100 * DAY)
    assert fault("Quorl-crm") == own("Quorl-crm") == (83, ["fresh"])

    send(customer("Quorl-crm", said, updated_at=NOON + 99 * DAY), at=NOON + 101 * DAY)
    quality.grade_all(actor=machine, at=NOON + 102 * DAY)

    assert fault("Quorl-crm") == own("Quorl-crm") == (100, [])
    assert home("Quorl-crm").version == 1


def test_in_bulk_one_by_one_and_anew_are_the_same(ruled, machine):
    incoming = [
        one
        for number, name in enumerate(("Quorl", "Vexpol", "Brindle", "Ostrava", "Kelpie", "Marlow"))
        for one in (
            *firms.alike(name, "crm", **({"phone": f"+44 113 496 000{number}"} if number % 2 else {})),
            *firms.alike(name, "erp", **({"phone": "wrong"} if number % 3 == 0 else {})),
        )
    ]
    for one in incoming:
        send(one)
    live = stored_grades()
    assert len({score for score, _, _ in live.values()}) > 1

    Golden.objects.update(quality=None, failing=[], grade_due_at=None)
    SourceRecord.objects.update(quality=None, failing=[], grade_due_at=None)
    quality.grade_all(actor=machine, at=NOON)
    assert stored_grades() == live

    rows = list(Golden.objects.live())
    spec = releases.current("customer").spec
    assert grading.goldens(spec, rows, members.read([row.pk for row in rows]), at=NOON) == []


def test_time_alone_is_the_nightly_jobs_chunk_by_chunk(ruled, machine, monkeypatch):
    monkeypatch.setattr(quality, "CHUNK", 1)
    for number, name in enumerate(("Quorl", "Vexpol", "Brindle")):
        send(*firms.alike(name, "crm", phone=f"+44 113 496 000{number}"), at=NOON + number * DAY)
    quality.grade_all(actor=machine, at=NOON + 2 * DAY)
    versions = GoldenVersion.objects.count()
    at = NOON + 101 * DAY
    schedules.put_standing(actor=machine, at=NOON)
    schedules.tick(actor=machine, at=at)

    assert quality.grade_next(actor=machine, at=at)
    jobs.claim(kind="quality", target="", most=1, actor=machine, at=at, seconds=60)  # a worker that dies with its chunk
    assert not quality.grade_next(actor=machine, at=at)
    jobs.sweep(actor=machine, at=at + timedelta(minutes=2))
    while quality.grade_next(actor=machine, at=at + timedelta(minutes=2)):
        pass

    assert [fault(f"{name}-crm") for name in ("Quorl", "Vexpol", "Brindle")] == [(83, ["fresh"]), (83, ["fresh"]), (100, [])]
    assert own("Quorl-crm") == (83, ["fresh"])
    assert GoldenVersion.objects.count() == versions
    assert figure(rule="fresh", day=at) == (3, 2, 33.33)
    assert AuditEntry.objects.filter(verb="quality.note", domain="customer").count() == 2
    assert states.faults() == []


def test_new_rules_are_brought_to_everything_and_rules_taken_away_leave_nothing(ruled, machine):
    send(*firms.alike("Quorl", "crm"))
    quality.grade_all(actor=machine, at=NOON)
    publish(QualityRule("named", "No D-U-N-S number", "complete", ("duns",)), at=later(1))

    quality.grade_all(actor=machine, at=later(2))
    assert fault("Quorl-crm") == own("Quorl-crm") == (0, ["named"])
    assert set(QualityDay.objects.filter(domain="customer").values_list("rule", flat=True)) == {"", "named"}

    publish(at=later(3))
    quality.grade_all(actor=machine, at=NOON + DAY)
    assert fault("Quorl-crm") == own("Quorl-crm") == (None, [])
    assert not QualityDay.objects.filter(domain="customer", day=(NOON + DAY).date()).exists()
    quality.grade_all(actor=machine, at=NOON + 2 * DAY)


def test_the_refresh_of_faded_trust_grades_by_the_rules_of_today(firm, machine):
    trust = Trust({"phone": {"crm": Weight(90, "half_life", 100), "erp": Weight(60)}, "domain": {}})
    publish(trust=trust)
    send(*firms.alike("Quorl", "crm", phone="+44 113 496 0001"), *firms.alike("Quorl", "erp", phone="+44 113 496 0002"))
    publish(QualityRule("named", "No D-U-N-S number", "complete", ("duns",)), at=later(1), trust=trust)
    at = NOON + 60 * DAY
    schedules.put_standing(actor=machine, at=NOON)
    schedules.tick(actor=machine, at=at)
    while refreshing.refresh_next(actor=machine, at=at):
        pass

    assert home("Quorl-crm").version == 2
    assert fault("Quorl-crm") == (0, ["named"])


def test_the_figures_are_what_counting_by_hand_gives(ruled, machine):
    for number, name in enumerate(("Quorl", "Vexpol", "Brindle", "Ostrava", "Kelpie")):
        send(
            *firms.alike(name, "crm", **({"phone": f"+44 113 496 000{number}"} if number % 2 else {})),
            *firms.alike(name, "erp", **({"phone": "wrong"} if number > 2 else {})),
        )
    drop("Kelpie-erp", system="erp", at=later(1))
    quality.grade_all(actor=machine, at=later(2))
    quality.grade_all(actor=machine, at=later(3))  # a second time on one day takes the place of the first

    parts = {"": list(Golden.objects.live())}
    for row in SourceRecord.objects.filter(is_live=True).select_related("source"):
        parts.setdefault(row.source.system_id, []).append(row)
    assert parts.keys() == {"", "crm", "erp"}
    for system, rows in parts.items():
        counts = Counter(code for row in rows for code in row.failing)
        mean = round(sum(row.quality for row in rows) / len(rows), 2)
        assert figure(system) == (len(rows), sum(bool(row.failing) for row in rows), mean)
        for rule in RULES:
            share = round(100 * (len(rows) - counts[rule.code]) / len(rows), 2)
            assert figure(system, rule.code) == (len(rows), counts[rule.code], share)


def test_the_board_names_what_costs_most_first_and_the_trend_goes_night_by_night(ruled, machine, people):
    send(*firms.alike("Quorl", "crm"), *firms.alike("Vexpol", "erp", phone="+44 113 496 0001"))
    quality.grade_all(actor=machine, at=NOON)
    send(*firms.alike("Quorl", "crm", phone="+44 113 496 0002"), at=NOON + DAY)
    quality.grade_all(actor=machine, at=NOON + DAY)

    board = figures.board("customer", viewer=people.ben)
    assert (board.records, board.failing, board.score, board.day) == (2, 0, 100.0, (NOON + DAY).date())
    assert [(part.system, part.score) for part in board.systems] == [("crm", 100.0), ("erp", 100.0)]
    assert [day.score for day in figures.trend("customer", viewer=people.ben)] == [62.5, 100.0]
    assert [day.failing for day in figures.trend("customer", viewer=people.ben, system="crm", rule="reachable")] == [1, 0]
    assert figures.trend("customer", viewer=people.ben, until=NOON.date())[-1].day == NOON.date()
    with pytest.raises(BadInput, match="is before"):
        figures.trend("customer", viewer=people.ben, since=(NOON + DAY).date(), until=NOON.date())
    with pytest.raises(NotFound, match="no figures of 'psa'"):
        figures.board("customer", viewer=people.ben, system="psa")


def test_the_figures_are_not_for_somebody_who_is_confined(ruled, people):
    confined = cast.person("confined", Role.STEWARD, regions=["EMEA"])

    with pytest.raises(NotAllowed, match="confined to EMEA"):
        figures.boards(viewer=confined)
    assert figures.boards(viewer=people.ada)
    with pytest.raises(NotFound):
        figures.board("customer", viewer=cast.person("elsewhere", Role.STEWARD, domains=["project"]))


def test_the_worst_first_page_by_page_and_only_what_one_may_see(ruled, people, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(graded, "PAGE", 2)
    for number, name in enumerate(("Quorl", "Vexpol", "Brindle", "Ostrava")):
        send(*firms.alike(name, "crm", **({"phone": "wrong"} if number == 3 else {})))
    send(*firms.alike("Kelpie", "erp", phone="+44 113 496 0001"), customer("far", {"name": "Roo Pty", "country": "AU"}))

    first = graded.worst("customer", graded.Wanted(), viewer=people.ada)
    second = graded.worst("customer", graded.Wanted(), viewer=people.ada, after=first.next)
    third = graded.worst("customer", graded.Wanted(), viewer=people.ada, after=second.next)
    scores = [line.score for line in (*first.lines, *second.lines, *third.lines)]
    assert scores == [25, 25, 25, 25, 66]
    assert third.next is None
    assert (first.total.number, first.lines[0].reasons) == (5, ("Neither phone nor e-mail",))

    assert graded.worst("customer", graded.Wanted(failing="contact"), viewer=people.ada).total.number == 1
    assert graded.worst("customer", graded.Wanted(below=26), viewer=people.ada).total.number == 4
    assert graded.worst("customer", graded.Wanted(system="erp"), viewer=people.ada).total.number == 0
    assert graded.worst("customer", graded.Wanted(), viewer=cast.person("c", Role.STEWARD, regions=["EMEA"])).total.number == 4
    with pytest.raises(BadInput, match="is no quality rule of customer"):
        graded.worst("customer", graded.Wanted(failing="pretty"), viewer=people.ada)


def test_the_api_tells_figures_filters_and_faults(ruled, machine, people, api):
    send(*firms.alike("Quorl", "crm"), *firms.alike("Vexpol", "erp", phone="+44 113 496 0001"))
    quality.grade_all(actor=machine, at=NOON)
    ben = api(people.ben)

    board = ben.get("quality/customer").json()
    assert (board["score"], board["rules"][0]["code"], len(board["trend"])) == (62.5, "reachable", 1)
    assert {one["domain"] for one in ben.get("quality").json()["results"]} == set(releases.domains())
    low = ben.get("golden/customer", quality_below="50", include="quality").json()["results"]
    assert [one["quality"] for one in low] == [
        {"score": 25, "failing": [{"code": "reachable", "title": "Neither phone nor e-mail"}]}
    ]
    assert len(ben.get("golden/customer", failing="reachable").json()["results"]) == 1
    assert len(ben.get("golden/customer", system="erp").json()["results"]) == 1
    assert "is no quality rule" in ben.get("golden/customer", failing="x").json()["detail"]
    assert ben.get("golden/customer", quality_below="x").status_code == 400
    assert ben.get("quality/customer", rule="x").status_code == 400
    assert ben.get("quality/customer", **{"from": "yesterday"}).status_code == 400
    assert ben.get("quality/nothing").status_code == 404
