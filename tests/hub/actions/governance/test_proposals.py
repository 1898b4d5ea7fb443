"""Proposed releases: planned, decided by a second person, refused above limits, and the command that does it."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command

import matching.pipeline.partition
from mdm.actions.exchange import sequence
from mdm.actions.governance import releases as releasing
from mdm.actions.governance.releasing import proposals
from mdm.engine import releases
from mdm.errors import BadInput, Conflict, IllegalTransition, NotAllowed, NotFound
from mdm.models import AuditEntry, DomainRelease, Event, Golden, ReleaseProposal
from mdm.readers.exchange import events
from mdm.readers.governance.rebuilding import feed
from mdm.rules.governance.domains import Relation
from mdm.rules.governance.releasing.release_limits import Limits
from tests.factories import firms, systems
from tests.factories.decided import say
from tests.factories.records import FIRM, customer, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("firm")]


def spec(**changes):
    present = releases.current("customer").spec
    return replace(present, match=replace(present.match, **changes))


@pytest.fixture
def joined(firm, people):
    """Two golden records of two records each; a doubtful pair that a person joined, and one that she kept apart."""
    systems.target("sfa")
    row = {"Name": FIRM["name"], "Country": "GB", "City": "Leeds", "Street": FIRM["address"], "Website": FIRM["domain"]}
    send(*firms.alike("Quorl", "crm", "erp"), customer("1"), customer("2", row, system="sfa"))
    send(*firms.doubtful("Ulmqua"), *firms.doubtful("Vexpol"))
    say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.dee)
    say("DIFFERENT", "Vexpol-a", "Vexpol-b", actor=people.dee)


def propose(people, wanted, *, actor=None):
    row = proposals.propose(spec=wanted, reason="Because.", actor=actor or people.dee, at=NOON)
    return proposals.plan(proposal_id=row.pk, actor=actor or people.dee, at=later(1))


def approve(row, actor, **said):
    return proposals.approve(proposal_id=row.pk, actor=actor, at=later(2), **said)


def test_a_plan_counts_what_would_happen_and_names_examples(joined, people):
    row = propose(people, spec(auto=0.999999, review=0.9))

    plan = row.plan
    assert (row.status, plan["stages"], plan["parts"]) == ("PROPOSED", ["cluster"], ["match.auto", "match.review"])
    assert plan["goldens"]["live"] == Golden.objects.live().count()
    assert (plan["ids"]["born"], plan["goldens"]["parted"]) == (2, 2)
    assert plan["goldens"]["changed"] == 4
    assert plan["decisions"] == {"standing": 2, "contradicted": 1, "same": 1, "different": 0}
    assert plan["examples"]["contradicted"][0] | {"decision": 0} == {
        "decision": 0, "verdict": "SAME", "left": "crm/account//Ulmqua-a", "right": "erp/account//Ulmqua-b", "by": "dee",
    }  # fmt: skip
    assert plan["targets"] == {"tasks": 1, "by_system": {"sfa": 1}}
    assert len(plan["examples"]["split"]) == 2
    assert DomainRelease.objects.filter(domain="customer").count() == 1


def test_a_difference_that_the_model_would_join_is_a_contradiction(joined, people):
    plan = propose(people, spec(auto=0.5, review=0.02)).plan

    assert plan["decisions"]["different"] == 1


def test_whoever_proposed_it_does_not_approve_it(joined, people):
    row = propose(people, replace(releases.current("customer").spec, title="Client"), actor=people.eve)

    with pytest.raises(NotAllowed, match="You proposed this release; somebody else has to approve it"):
        approve(row, people.eve)
    with pytest.raises(NotAllowed, match="takes one of: owner, admin"):
        approve(row, people.dee)
    assert approve(row, people.zoe).status == "RELEASED"


def test_above_the_limits_it_takes_force_and_a_reason(joined, people):
    row = propose(people, spec(auto=0.999999, review=0.9))

    with pytest.raises(Conflict, match=r"golden records change .* decisions would be contradicted.* Force it with a reason"):
        approve(row, people.eve)
    with pytest.raises(BadInput, match="reason is missing"):
        approve(row, people.eve, force=True, reason="  ")
    approve(row, people.eve, force=True, reason="Agreed with the stewards.")

    row.refresh_from_db()
    assert (row.is_forced, row.status, row.answer, row.decided_by) == (True, "RUNNING", "Agreed with the stewards.", people.eve)
    entry = AuditEntry.objects.get(verb="release.approve")
    assert (entry.reason, len(entry.new["above"])) == ("Agreed with the stewards.", 2)


def test_the_limits_of_the_present_release_count_and_not_those_of_the_proposed_one(joined, people):
    wide = Limits(goldens=1, ids=1, decisions=9, tasks=9)
    row = propose(people, replace(spec(auto=0.999999, review=0.9), release_limits=wide))

    with pytest.raises(Conflict, match="Force it"):
        approve(row, people.eve)
    proposals.refuse(proposal_id=row.pk, actor=people.eve, at=later(2), reason="In two steps.")
    approve(propose(people, replace(releases.current("customer").spec, release_limits=wide)), people.eve)

    assert approve(propose(people, spec(auto=0.999999, review=0.9)), people.eve).is_forced is False


def test_a_plan_against_a_release_that_is_past_does_not_count(joined, people):
    row = propose(people, spec(auto=0.95))
    releasing.publish(spec=replace(releases.current("customer").spec, title="Client"), actor=people.zoe, at=later(1))

    with pytest.raises(Conflict, match="Release 2 came in since this was planned against release 1; plan it again"):
        approve(row, people.eve, force=True, reason="Now.")
    proposals.plan_again(proposal_id=row.pk, actor=people.dee, at=later(2))
    assert proposals.plan_next(actor=people.hub, at=later(3))

    row.refresh_from_db()
    assert (row.base, row.status) == (2, "PROPOSED")
    assert approve(row, people.eve, force=True, reason="Now.").number == 3


def test_one_proposal_a_domain_and_none_that_says_nothing(joined, people):
    present = releases.current("customer").spec
    with pytest.raises(Conflict, match="Release 1 of customer says the same"):
        propose(people, present)
    propose(people, spec(auto=0.95))

    with pytest.raises(Conflict, match="Another release of customer is proposed already"):
        propose(people, spec(auto=0.96))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"prefix": "KUN"}, BadInput, "prefix 'KUN' is not 'CUS'"),
        ({"name": "planet"}, NotFound, "There is no domain 'planet'"),
        ({"relations": (Relation("moon", "Moon", "planet"),)}, BadInput, "relations name planet, which no release declares"),
    ],
)
def test_what_can_never_be_released_is_not_proposed(people, changes, error, words):
    with pytest.raises(error, match=words):
        propose(people, replace(releases.current("customer").spec, **changes))
    assert not ReleaseProposal.objects.exists()


def test_proposing_takes_a_reason_and_a_role_and_refusing_too(joined, people):
    with pytest.raises(BadInput, match="reason is missing"):
        proposals.propose(spec=spec(auto=0.95), reason=" ", actor=people.dee, at=NOON)
    with pytest.raises(NotAllowed):
        proposals.propose(spec=spec(auto=0.95), reason="Because.", actor=people.ada, at=NOON)
    row = propose(people, spec(auto=0.95), actor=people.eve)
    with pytest.raises(NotAllowed):
        proposals.refuse(proposal_id=row.pk, actor=people.dee, at=later(2), reason="No.")
    with pytest.raises(BadInput, match="say why not"):
        proposals.refuse(proposal_id=row.pk, actor=people.zoe, at=later(2), reason="")

    proposals.refuse(proposal_id=row.pk, actor=people.zoe, at=later(2), reason="Too soon.")

    with pytest.raises(IllegalTransition):
        approve(row, people.zoe)
    with pytest.raises(NotFound):
        proposals.refuse(proposal_id=0, actor=people.zoe, at=later(2), reason="No.")


def test_going_back_is_proposed_like_anything_else(joined, people):
    approve(propose(people, spec(auto=0.9)), people.eve, force=True, reason="Now.")

    with pytest.raises(NotFound, match="has no release 9; the last one is 2"):
        proposals.roll_back(domain="customer", to=9, reason="Back.", actor=people.dee, at=later(3))
    with pytest.raises(Conflict, match="says the same"):
        proposals.roll_back(domain="customer", to=2, reason="Back.", actor=people.dee, at=later(3))
    row = proposals.roll_back(domain="customer", to=1, reason="Back.", actor=people.dee, at=later(3))

    assert (row.status, row.returns_to, row.base) == ("PLANNING", 1, 2)


# The command.


def test_a_release_and_its_rollback_are_told_to_whoever_follows_the_domain(joined, people):
    sequence.drain()
    before = events.after(0, limit=1_000, viewer=people.zoe).next
    people.ben.regions = ["APAC"]
    approve(propose(people, replace(spec(), title="Client")), people.eve)
    row = proposals.roll_back(domain="customer", to=1, reason="Back.", actor=people.dee, at=later(3))
    proposals.plan(proposal_id=row.pk, actor=people.dee, at=later(4))
    approve(row, people.eve)
    sequence.drain()

    told = events.after(before, limit=10, viewer=people.ben).events

    assert [(one["type"], one["source"], one["subject"], one["sequence"], one["data"]) for one in told] == [
        ("concord.customer.released.v1", "/concord/customer", "customer", "0000000002", {"release": 2, "actor": "eve"}),
        (
            "concord.customer.rolled_back.v1", "/concord/customer", "customer", "0000000003",
            {"release": 3, "actor": "eve", "returns_to": 1},
        ),
    ]  # fmt: skip
    assert feed.check().fault == ""
    assert events.after(before, limit=10, viewer=people.cy).events == []


def test_a_refused_release_is_told_to_nobody(joined, people):
    row = propose(people, replace(spec(), title="Client"))
    proposals.refuse(proposal_id=row.pk, actor=people.eve, at=later(3), reason="No.")

    assert not Event.objects.filter(golden=None).exists()


@pytest.fixture
def folder(tmp_path):
    """The customer file with another level."""
    raw = yaml.safe_load((Path(settings.BASE_DIR) / "mdm" / "domains" / "customer.yaml").read_text())
    raw["region"]["mapping"] = {str(name) if name is not False else "NO": said for name, said in raw["region"]["mapping"].items()}
    raw["match"]["auto"] = 0.999999
    (tmp_path / "customer.yaml").write_text(yaml.safe_dump(raw, sort_keys=False).replace("NO: EMEA", "'NO': EMEA"))
    return tmp_path


def domains(*args, **options):
    said = StringIO()
    call_command("domains", *args, stdout=said, stderr=StringIO(), **options)
    return said.getvalue()


def test_the_command_plans_proposes_releases_and_goes_back(joined, people, folder):
    here = ("customer", "--folder", str(folder))

    rehearsal = domains("plan", *here)
    with pytest.raises(CommandError, match="nobody has planned this change"):
        domains("release", *here)
    proposed = domains("plan", *here, "--as", "dee", "--reason", "Fewer mistakes.")
    released = domains("release", *here, "--as", "eve", "--force", "--reason", "Yes.", "--now")
    back = domains("rollback", "customer", "--to", "1", "--as", "eve", "--reason", "No.")
    again = domains("release", *here, "--as", "zoe", "--force", "--reason", "Yes.", "--now")

    assert "changed: match.auto; touches: cluster" in rehearsal
    assert "above the limits: 4 of 5 golden records change" in rehearsal
    assert "somebody else releases it" in proposed
    assert "customer: release 2" in released
    assert "Everything is brought over." in released
    assert "proposed as" in back
    assert "customer: release 3" in again
    assert releases.current("customer").is_settled
    assert domains("plan", "customer").strip() == "customer: unchanged"


def test_the_command_wants_to_know_who_acts(joined, people, folder):
    here = ("customer", "--folder", str(folder))

    with pytest.raises(CommandError, match="There is nobody called 'nobody'"):
        domains("plan", *here, "--as", "nobody", "--reason", "Because.")
    with pytest.raises(CommandError, match="rollback takes a domain, --to NUMBER, --as NAME and --reason TEXT"):
        domains("rollback", "customer")
    with pytest.raises(CommandError, match="declares no domain 'planet'"):
        domains("plan", "planet")
    domains("plan", *here, "--as", "dee", "--reason", "Because.")
    with pytest.raises(CommandError, match="Say who you are"):
        domains("release", *here)


def test_what_can_never_be_matched_is_refused_with_the_reason_by_the_hub(joined, people, monkeypatch):
    monkeypatch.setattr(matching.pipeline.partition, "MOST_PAIRS", 0)
    row = proposals.propose(spec=spec(review=0.1), reason="Because.", actor=people.dee, at=NOON)

    assert proposals.plan_next(actor=people.hub, at=later(1))

    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("REFUSED", people.hub)
    assert "is shared by far too many records; release a model trained on them" in row.answer
