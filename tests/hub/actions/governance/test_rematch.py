"""Releases carried out: what the plan said is what comes, whoever writes meanwhile, wherever a worker dies."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest

from mdm import permissions
from mdm.actions.exchange import jobs, schedules, sequence
from mdm.actions.golden import decisions, overrides, regrouping
from mdm.actions.golden.resolve import settle
from mdm.actions.governance import change_requests
from mdm.actions.governance import releases as releasing
from mdm.actions.governance.releasing import proposals, rematch
from mdm.engine import components, releases
from mdm.engine.people.acts import Wanted
from mdm.engine.replay import differences
from mdm.errors import StaleVersion
from mdm.models import (
    ChangeSet,
    Crosswalk,
    Decision,
    Event,
    Golden,
    GoldenVersion,
    IdLife,
    Job,
    MatchKey,
    MatchPair,
    Revisit,
    SourceRecord,
    SourceVersion,
)
from mdm.readers.governance.rebuilding import goldens, partition
from mdm.rules.golden.change_kinds import ChangeKind
from mdm.rules.golden.pair_states import PairStatus
from mdm.rules.governance.domains import Strategy, Survive
from tests.factories import firms, organisations, states
from tests.factories import records as intake
from tests.factories.decided import say
from tests.factories.pinned import pin
from tests.factories.records import drop, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]

COUNT = 150


@pytest.fixture
def population(firm, people):
    """Some hundred dirty records of about half as many organisations, with a few decisions."""
    records = organisations.mixed(11, COUNT, common=0.4)
    intake.in_batches(records, 100)
    send(*firms.doubtful("Ulmqua"), *firms.doubtful("Vexpol"))
    say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.dee)
    say("DIFFERENT", "Vexpol-a", "Vexpol-b", actor=people.dee)
    return records


def present():
    return releases.current("customer").spec


def higher():
    """Less is joined by itself."""
    return replace(present(), match=replace(present().match, auto=0.9999))


def lower():
    """More is asked about, and more joined."""
    return replace(present(), match=replace(present().match, auto=0.05, review=0.02))


def without_places():
    """Places are compared no longer: other forms, other keys."""
    left_out = {"phone", "address", "city", "postcode"}
    attributes = {theirs: ours for theirs, ours in present().match.attributes.items() if theirs not in left_out}
    return replace(present(), match=replace(present().match, attributes=attributes))


def short_names():
    """Cities are read otherwise: what is longer than they may be is marked invalid and survives no longer."""
    rows = tuple(replace(row, max_length=6) if row.name == "city" else row for row in present().attributes)
    return replace(present(), attributes=rows)


def by_length():
    """Another rule of survivorship for one attribute."""
    rules = tuple(rule for rule in present().survivorship if rule.attributes != ("name",))
    return replace(present(), survivorship=(Survive(("name",), (Strategy("longest"), Strategy("most_recent"))), *rules))


CHANGES = [higher, lower, without_places, short_names, by_length]


def propose(spec, people):
    row = proposals.propose(spec=spec, reason="Because.", actor=people.dee, at=later(60))
    assert proposals.plan_next(actor=people.hub, at=later(61))
    row.refresh_from_db()
    return row


def approve(row, people):
    return proposals.approve(proposal_id=row.pk, actor=people.eve, at=later(62), reason="It is time.", force=True)


def carry_out(*, most=10_000):
    """Chunk by chunk; how many there were."""
    count = 0
    while count < most and rematch.rematch_next(actor=permissions.machine(), at=later(63)):
        count += 1
    return count


def faults():
    sequence.drain()
    found = (goldens.present().fault, goldens.kept().fault, partition.check().fault, *states.faults())
    return [fault for fault in found if fault]


def shown():
    """What stands, without what only a history tells: who lives together, by which values, and which pairs ask."""
    homes = intake.partition()
    values = {tuple(sorted(row.values.items(), key=str)) for row in Golden.objects.live()}
    rows = MatchPair.objects.exclude(band="ASKED").values_list("left__key", "right__key", "weight", "band", "status")
    pairs = {(frozenset(ends), weight, band, status.replace("COVERED", "OPEN")) for *ends, weight, band, status in rows}
    forms = {row.key: (row.attributes, row.standardised, row.content_hash) for row in SourceRecord.objects.filter(is_live=True)}
    return homes, values, pairs, forms


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_planned_is_what_comes(population, people, change):
    row = propose(change(), people)
    plan, last = row.plan, GoldenVersion.objects.order_by("-id").first().pk
    born = IdLife.objects.order_by("-id").first().pk

    approve(row, people)
    carry_out()

    row.refresh_from_db()
    assert row.status == "RELEASED"
    assert releases.current("customer").is_settled
    lives = list(IdLife.objects.filter(pk__gt=born).values_list("cause", flat=True))
    came = {
        "changed": GoldenVersion.objects.filter(pk__gt=last).values("golden").distinct().count(),
        "retired": lives.count("merged") + lives.count("split"),
        "born": lives.count("born"),
        "restored": lives.count("restored"),
        "pairs": MatchPair.objects.exclude(band="ASKED").count(),
    }
    assert came == {"changed": plan["goldens"]["changed"], **plan["ids"], "pairs": plan["pairs"]["after"]}
    assert plan["goldens"]["changed"] + plan["pairs"]["new"] > 0
    assert partition.check().counted == SourceRecord.objects.filter(is_live=True).count()
    assert faults() == []
    assert not Revisit.objects.exists()


# The same end, by whatever way.


def arrive(population):
    """What comes in while records are brought over: new ones, changed ones, one that goes."""
    fresh = [replace(said, native_id=f"n{said.native_id}") for said in organisations.mixed(12, 30, common=0.4)]
    changed = [replace(said, payload={**said.payload, "city": "Leeds"}) for said in population[:10]]
    send(*fresh, *changed, at=later(64))
    drop("r00020", system=population[20].system, at=later(65))


FORGOTTEN = (
    Event,
    GoldenVersion,
    IdLife,
    MatchPair,
    MatchKey,
    Decision,
    Crosswalk,
    Golden,
    ChangeSet,
    SourceVersion,
    SourceRecord,
)


def loaded_afresh(people):
    """The live records of now, sent to a hub that knows nothing but the present release, with the same decisions."""
    rows = SourceRecord.objects.filter(is_live=True).select_related("source").order_by("?")
    records = [
        intake.customer(row.native_id, row.payload, system=row.source.system_id, updated_at=row.changed_at) for row in rows
    ]
    said = list(Decision.objects.filter(undone_at=None).values_list("verdict", "left__native_id", "right__native_id"))
    for model in FORGOTTEN:
        model.objects.all().delete()
    intake.in_batches(records, 50, at=later(70))
    for verdict, *names in said:
        left, right = SourceRecord.objects.filter(native_id__in=names).order_by("id")
        if MatchPair.objects.filter(left=left, right=right).exists():
            say(verdict, left.native_id, right.native_id, actor=people.dee, at=later(71))
        else:
            change = ChangeSet.objects.create(kind="decision", at=NOON, actor=people.dee, domain="customer")
            said = {"verdict": verdict, "decided_by": people.dee, "decided_at": NOON, "change_set": change}
            Decision.objects.create(left=left, right=right, **said)
            settle(release=releases.current("customer"), start={left.pk}, actor=people.dee, at=later(71), change_set=change)


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_the_end_is_what_loading_afresh_would_give_although_others_write_meanwhile(population, people, change):
    approve(propose(change(), people), people)
    carry_out(most=4)
    arrive(population)
    carry_out()
    assert faults() == []
    ended = shown()

    loaded_afresh(people)

    assert shown() == ended


@pytest.mark.slow
@pytest.mark.parametrize("change", [lower, without_places, short_names, by_length])
def test_a_worker_may_die_in_any_chunk(population, people, change, monkeypatch):
    approve(propose(change(), people), people)
    monkeypatch.setattr(differences, "PORTION", 40)
    monkeypatch.setattr(rematch, "CHUNK", 30)
    done = dying = 0
    settle, at = jobs.settle, later(63)

    def die(**said):
        raise RuntimeError("killed")

    while True:
        monkeypatch.setattr(jobs, "settle", die)
        with contextlib.suppress(RuntimeError):
            rematch.rematch_next(actor=people.hub, at=at)
            break
        dying += 1
        monkeypatch.setattr(jobs, "settle", settle)
        at += timedelta(hours=2)
        jobs.sweep(actor=people.hub, at=at)
        assert rematch.rematch_next(actor=people.hub, at=at)
        done += 1

    assert dying == done > 3
    monkeypatch.setattr(jobs, "settle", settle)
    assert releases.current("customer").is_settled
    assert faults() == []
    ended = shown()
    loaded_afresh(people)
    assert shown() == ended


def test_a_live_writer_brings_over_what_it_touches(population, people):
    old = intake.home("r00003", system=SourceRecord.objects.get(native_id="r00003").source.system_id)
    approve(propose(without_places(), people), people)
    row = SourceRecord.objects.filter(homes__golden=old, homes__valid_to=None).select_related("source").order_by("id").first()
    fellows = components.expand([row.pk])

    send(intake.customer(row.native_id, {**row.payload, "address": "1 New Street"}, system=row.source.system_id), at=later(63))

    number = releases.current("customer").number
    assert set(SourceRecord.objects.filter(pk__in=fellows).values_list("release", flat=True)) == {number}
    assert SourceRecord.objects.filter(is_live=True).exclude(release=number).exists()
    carry_out()
    assert faults() == []


def test_what_people_pinned_and_merged_stays(population, people):
    one, two = Golden.objects.live().order_by("id")[:2]
    seen = {golden.enterprise_id: golden.version for golden in (one, two)}
    asked = Wanted(ChangeKind.MERGE, tuple(seen), seen, keep=one.enterprise_id)
    regrouping.repartition(wanted=asked, actor=people.dee, at=later(50))
    one.refresh_from_db()
    said = {"attribute": "city", "value": "Pinned", "seen_version": one.version, "reason": "It is so."}
    overrides.pin(enterprise_id=one.enterprise_id, actor=people.dee, at=later(51), **said)

    row = propose(replace(by_length(), match=higher().match), people)
    last = GoldenVersion.objects.order_by("-id").first().pk
    approve(row, people)
    carry_out()

    one.refresh_from_db()
    assert (one.status, one.values["city"], one.member_count > 1) == ("LIVE", "Pinned", True)
    assert GoldenVersion.objects.filter(pk__gt=last).values("golden").distinct().count() == row.plan["goldens"]["changed"]
    assert faults() == []


def test_a_decision_brings_over_what_it_is_about(population, people):
    pair = MatchPair.objects.filter(status="OPEN").order_by("-weight").first()
    approve(propose(short_names(), people), people)

    decisions.decide(pair_id=pair.pk, verdict=PairStatus.DIFFERENT, seen_version=pair.version, actor=people.dee, at=later(63))

    ends = SourceRecord.objects.filter(pk__in=[pair.left_id, pair.right_id])
    assert set(ends.values_list("release", flat=True)) == {releases.current("customer").number}


@pytest.fixture
def half_way(firm, people):
    """A golden record whose industry is "Shipping", and which is not yet brought over to a release that reads it otherwise."""
    rules = (*present().survivorship, Survive(("industry",), (Strategy("first_valid"), Strategy("most_recent"))))
    releasing.publish(spec=replace(present(), survivorship=rules), actor=people.hub, at=NOON)
    carry_out()
    send(*firms.alike("Quorl", "erp", industry="Sea"), at=later(1))
    send(*firms.alike("Quorl", "crm", industry="Shipping"), at=later(2))
    yield intake.home("Quorl-crm")
    carry_out()
    assert intake.home("Quorl-crm").values["industry"] == "Sea"
    assert releases.current("customer").is_settled
    assert faults() == []


def read_otherwise(people):
    rows = tuple(replace(row, max_length=4) if row.name == "industry" else row for row in present().attributes)
    releasing.publish(spec=replace(present(), attributes=rows), actor=people.hub, at=later(60))


def test_a_value_pinned_half_way_stands_on_what_the_present_rules_make_of_it(half_way, people):
    read_otherwise(people)
    with pytest.raises(StaleVersion):
        pin(half_way, "email", "sea@quorl.co.uk", actor=people.dee, at=later(61))  # seen as the former rules made it


def test_a_value_pinned_half_way_on_what_is_read_alike_is_kept(half_way, people):
    other = firms.alike("Vexpol", "crm")
    send(*other, at=later(3))
    read_otherwise(people)

    pin(intake.home("Vexpol-crm"), "industry", "Port", actor=people.dee, at=later(61))
    carry_out()

    assert intake.home("Vexpol-crm").values["industry"] == "Port"


def test_a_pinned_value_that_ends_half_way_leaves_what_the_rules_of_the_record_give(half_way, people):
    pin(half_way, "email", "sea@quorl.co.uk", actor=people.dee, at=later(50), expires_at=later(62))
    read_otherwise(people)

    assert overrides.expire(actor=people.hub, at=later(62)) == 1

    golden = intake.home("Quorl-crm")
    assert "email" not in golden.values or golden.values["email"] is None
    assert (golden.values["industry"], golden.release) == ("Shipping", releases.current("customer").number - 1)


def test_a_pinned_value_released_half_way_brings_the_record_over(half_way, people):
    row = pin(half_way, "email", "sea@quorl.co.uk", actor=people.dee, at=later(50))
    read_otherwise(people)

    overrides.release(override_id=row.pk, actor=people.dee, at=later(62))

    golden = intake.home("Quorl-crm")
    assert (golden.values["industry"], golden.release) == ("Sea", releases.current("customer").number)
    ends = SourceRecord.objects.filter(homes__golden=golden, homes__valid_to=None)
    assert set(ends.values_list("release", flat=True)) == {golden.release}


def test_a_request_approved_half_way_pins_on_what_the_present_rules_make(half_way, people):
    said = {"enterprise_id": half_way.enterprise_id, "attribute": "email", "value": "sea@quorl.co.uk"}
    row = change_requests.ask(reason="So.", actor=people.ada, at=later(50), **said)
    read_otherwise(people)

    change_requests.approve(request_id=row.pk, seen_version=row.version, actor=people.dee, at=later(62), reason="Yes.")

    golden = intake.home("Quorl-crm")
    assert (golden.values["email"], golden.values["industry"]) == ("sea@quorl.co.uk", "Sea")


def test_going_back_gives_what_stood_before(population, people):
    before, number = shown(), releases.current("customer").number
    first = propose(lower(), people)
    approve(first, people)
    carry_out(most=3)  # it is called back while it is still carried out

    back = proposals.roll_back(domain="customer", to=number, reason="Too many.", actor=people.dee, at=later(64))
    assert proposals.plan_next(actor=people.hub, at=later(64))
    approve(back, people)
    carry_out()

    first.refresh_from_db()
    back.refresh_from_db()
    assert (first.status, back.status, back.returns_to) == ("ROLLED_BACK", "RELEASED", number)
    assert releases.current("customer").number == number + 2
    assert shown() == before
    assert faults() == []


def test_a_release_that_touches_nothing_stored_counts_at_once(population, people):
    versions = GoldenVersion.objects.count()
    row = propose(replace(present(), title="Client"), people)

    approve(row, people)

    row.refresh_from_db()
    assert (row.plan["stages"], row.plan["parts"], row.status) == ([], ["title"], "RELEASED")
    assert carry_out() == 0
    assert GoldenVersion.objects.count() == versions


def test_a_record_that_the_new_rules_would_refuse_stays_in_as_far_as_it_can_be_read(firm, people):
    send(intake.customer("1"), intake.customer("2", intake.OTHER))
    required = tuple(replace(row, is_required=True) if row.name == "phone" else row for row in present().attributes)

    row = propose(replace(present(), attributes=required), people)
    approve(row, people)
    carry_out()

    assert row.plan["records"]["refused"] == 2
    assert row.plan["examples"]["refused"][0]["fields"] == ["phone"]
    assert SourceRecord.objects.filter(is_live=True).count() == 2
    assert faults() == []


def test_the_night_finishes_what_was_left(population, people):
    approve(propose(higher(), people), people)
    Job.objects.filter(kind="rematch").update(status="CANCELLED")

    schedules.put_standing(actor=people.hub, at=NOON)
    schedules.tick(actor=people.hub, at=NOON + timedelta(days=2))
    while rematch.rematch_next(actor=people.hub, at=NOON + timedelta(days=2)):
        pass

    assert releases.current("customer").is_settled
