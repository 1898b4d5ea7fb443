"""P13: who did what stays provable: every write has its entry, and any change of the trail is found."""

from __future__ import annotations

import random
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from mdm import audit
from mdm.actions.exchange import sequence
from mdm.models import AuditEntry, Golden
from mdm.readers.governance import audit_chain, invariants
from tests.factories import firms
from tests.factories.decided import say, take_back
from tests.factories.records import customer, drop, send
from tests.factories.times import NOON, later

pytestmark = [pytest.mark.django_db]


def verify(*arguments: str) -> str:
    said = StringIO()
    call_command("verify", *arguments, stdout=said)
    return said.getvalue()


def trail(people, length=40):
    """A stamped trail with all kinds of values in it; returns its head."""
    for number in range(length):
        audit.record(
            at=later(number),
            actor=people.ada,
            verb="test.act",
            subject=f"thing:{number}",
            domain="customer",
            old={"number": number, "share": number / 7, "name": "Zürich"} if number % 3 else None,
            new=[1e22, -0.0, 10**25, True, None, {"10": 1, "9": 2.50}, "日本"],
            reason=f"reason {number}",
        )
    sequence.drain()
    return audit_chain.verify().head


def test_p13_an_untouched_trail_is_whole_and_says_where_it_ends(people):
    head = trail(people)

    assert audit_chain.verify().fault == ""
    assert f"audit: {head.position} entries fit, 0 wait to be stamped; head {head}" in verify("audit")
    assert verify("audit", "--anchor", str(head))


EDITS = {
    "at": "at = at + interval '1 second'",
    "actor": "actor = 'somebody else'",
    "verb": "verb = 'test.other'",
    "subject": "subject = subject || '0'",
    "domain": "domain = domain || 'x'",
    "reason": "reason = reason || '.'",
    "correlation": "correlation = 'x'",
    "old": "old = '{\"forged\": 1}'",
    "new": "new = '[2]'",
    "values without salt": "salt = NULL",
    "salt": "salt = sha256(salt)",
    "digest": "digest = sha256(digest)",
    "chain": "chain = sha256(chain)",
}


@pytest.mark.slow
def test_p13_a_thousand_random_changes_of_the_trail_are_all_found_and_placed(people):
    head = trail(people)
    chance, missed = random.Random(1), []
    for number in range(1_000):
        act, position = chance.choice([*EDITS, "delete", "swap", "cut off", "insert"]), chance.randrange(1, head.position + 1)
        with transaction.atomic():
            _tamper(act, position, head.position, chance)
            fault = audit_chain.verify(anchor=head).fault
            if not fault or (act in EDITS and f"Position {position} " not in fault):
                missed.append((number, act, position, fault))
            transaction.set_rollback(True)

    assert missed == []
    assert audit_chain.verify(anchor=head).fault == ""


def _tamper(act: str, position: int, last: int, chance: random.Random) -> None:
    with connection.cursor() as cursor:
        if act in EDITS:
            cursor.execute(f"UPDATE mdm_auditentry SET {EDITS[act]} WHERE position = %s", [position])
        elif act == "delete":
            cursor.execute("DELETE FROM mdm_auditentry WHERE position = %s", [position])
        elif act == "cut off":
            cursor.execute("DELETE FROM mdm_auditentry WHERE position >= %s", [position])
        elif act == "swap":
            other = position % last + 1
            cursor.execute("UPDATE mdm_auditentry SET position = -position WHERE position IN (%s, %s)", [position, other])
            cursor.execute("UPDATE mdm_auditentry SET position = %s WHERE position = %s", [other, -position])
            cursor.execute("UPDATE mdm_auditentry SET position = %s WHERE position = %s", [position, -other])
        else:
            cursor.execute("UPDATE mdm_auditentry SET position = -position - 1 WHERE position >= %s", [position])
            cursor.execute("UPDATE mdm_auditentry SET position = -position WHERE position < 0")
            cursor.execute(
                "INSERT INTO mdm_auditentry (at, actor, verb, subject, domain, reason, correlation, digest, position, chain)"
                " SELECT at, actor, verb, subject, domain, reason, correlation, digest, %s, chain FROM mdm_auditentry LIMIT 1",
                [position],
            )


def test_p13_the_command_names_the_place_and_fails(people):
    trail(people)
    AuditEntry.objects.filter(position=17).update(actor="mallory")

    with pytest.raises(CommandError, match=r"The audit trail is broken\. Position 17 \(test\.act thing:1\d\)"):
        verify("audit")


def test_p13_a_trail_that_was_cut_off_is_found_by_its_anchor(people):
    head = trail(people)
    AuditEntry.objects.filter(position__gt=30).delete()

    assert audit_chain.verify().fault == ""
    with pytest.raises(CommandError, match=rf"ends at position 30, but the anchor is at {head.position}"):
        verify("audit", "--anchor", str(head))
    with pytest.raises(CommandError, match="no head of a chain"):
        verify("audit", "--anchor", "nonsense")


def test_p13_a_trail_written_anew_is_found_by_its_anchor(people):
    head = trail(people)
    AuditEntry.objects.filter(position=5).update(actor="mallory")
    AuditEntry.objects.update(position=None, chain=None)
    sequence.drain()

    assert audit_chain.verify().fault == ""
    assert "written anew" in audit_chain.verify(anchor=head).fault


def test_p13_an_erased_value_leaves_the_chain_whole(people):
    head = trail(people)
    AuditEntry.objects.filter(position=9).update(old=None, new=None, salt=None, reason="")

    assert audit_chain.verify(anchor=head).fault == ""


def test_p13_verify_all_checks_the_tables_too(firm, people):
    send(*firms.alike("Quorl", "crm", "erp"))
    sequence.drain()
    count = len(invariants.INVARIANTS)
    assert f"{count} of {count} invariants hold" in verify("all")

    Golden.objects.update(member_count=7)
    with pytest.raises(CommandError, match="A live golden record has members, a retired one has none, and it knows how many"):
        verify("all")


def test_p13_every_act_on_master_data_leaves_an_entry_with_who_when_and_why(firm, people):
    send(*firms.doubtful("Ulmqua"), actor=people.oli)
    decision = say("SAME", "Ulmqua-a", "Ulmqua-b", actor=people.ada, at=later(1))
    take_back(decision, actor=people.ada, at=later(2))
    drop("Ulmqua-a", at=later(3))
    send(customer("bad", {"country": "GB"}), actor=people.oli, at=later(4))

    entries = list(AuditEntry.objects.order_by("id").values_list("actor", "verb", "at", "old", "new", "reason"))

    assert ("ada", "pair.decide", later(1), "OPEN", "SAME", "as the test says") in entries
    assert ("ada", "pair.undo", later(2), "SAME", "OPEN", "") in entries
    assert ("oli", "record.write") in {(actor, verb) for actor, verb, at, *_ in entries if at == NOON}
    assert ("concord", "record.write") in {(actor, verb) for actor, verb, at, *_ in entries if at == later(3)}
    assert ("oli", "record.quarantine") in {(actor, verb) for actor, verb, at, *_ in entries if at == later(4)}
