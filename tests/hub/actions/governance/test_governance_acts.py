"""Systems, releases, people and tokens: declared with their actor, refused with their reasons."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command

from mdm.actions.governance import access, idempotency, releases
from mdm.actions.intake import sources
from mdm.actions.intake.sources import Declared
from mdm.engine import releases as released
from mdm.errors import BadConfiguration, BadInput, Conflict, NotAllowed, NotFound
from mdm.models import AuditEntry, DomainRelease, IdempotencyKey, SourceObject, System, User
from mdm.rules.governance.roles import Role
from tests.factories import systems
from tests.factories.records import customer, record, send
from tests.factories.times import NOON, later

pytestmark = pytest.mark.django_db


def declare(people, *objects, code="crm", title="CRM"):
    return sources.declare(code=code, title=title, objects=objects, actor=people.zoe, at=NOON)


def test_a_system_is_declared_with_its_objects_and_again_without_effect(people):
    declare(people, Declared("account", "customer", systems.ROWS))
    declare(people, Declared("account", "customer", systems.ROWS))

    assert (System.objects.get().title, SourceObject.objects.get().mapping) == ("CRM", systems.ROWS)
    assert AuditEntry.objects.filter(verb="system.declare").count() == 1


def test_an_object_never_changes_its_domain(people):
    declare(people, Declared("account", "customer"))

    with pytest.raises(Conflict, match="holds customer records; it cannot become project"):
        declare(people, Declared("account", "project"))


def test_a_wrong_mapping_is_refused_with_all_its_problems(people):
    with pytest.raises(BadConfiguration) as refused:
        declare(people, Declared("account", "customer", [["shoe_size", "Shoe"], ["name"], ["city", "City", {"codec": "magic"}]]))

    assert len(refused.value.problems) == 3
    assert not System.objects.exists()


def test_only_who_may_publish_declares_systems_and_releases(people):
    with pytest.raises(NotAllowed):
        sources.declare(code="x", title="X", objects=(), actor=people.ada, at=NOON)
    with pytest.raises(NotAllowed):
        releases.publish(spec=released.current("customer").spec, actor=people.ada, at=NOON)


def test_the_same_declaration_again_makes_no_release(people):
    spec = released.current("customer").spec

    assert releases.publish(spec=spec, actor=people.zoe, at=NOON) is None


def test_a_changed_declaration_is_the_next_release_and_the_old_one_stays(people, firm):
    send(customer("1"))
    old = released.current("customer")

    row = releases.publish(spec=replace(old.spec, title="Client"), actor=people.eve, at=later(1))

    assert row is not None
    assert (row.number, released.current("customer").spec.title) == (old.number + 1, "Client")
    assert released.numbered("customer", old.number).spec.title == "Customer"
    assert record("1").release == old.number
    assert DomainRelease.objects.filter(domain="customer").count() == 2


def test_a_domain_that_nobody_released_is_not_found():
    with pytest.raises(NotFound, match="There is no domain 'planet'; released domains: contract, customer"):
        released.current("planet")


def test_a_user_is_put_and_put_again(people):
    for role in (Role.STEWARD, Role.LEAD):
        access.put_user(name="new", role=role, domains=["customer"], actor=people.zoe, at=NOON)

    user = User.objects.get(name="new")
    assert (user.role, user.domains, user.has_usable_password()) == ("LEAD", ["customer"], False)
    entries = list(AuditEntry.objects.filter(verb="user.put").order_by("id").values_list("old__role", "new__role"))
    assert entries == [(None, "STEWARD"), ("STEWARD", "LEAD")]


def test_users_are_the_administrators_business(people):
    with pytest.raises(NotAllowed):
        access.put_user(name="new", role=Role.ADMIN, actor=people.dee, at=NOON)
    with pytest.raises(NotAllowed):
        access.issue_token(user=people.ben, actor=people.ben, at=NOON)
    with pytest.raises(BadInput):
        access.put_user(name=" ", role=Role.VIEWER, actor=people.zoe, at=NOON)


def test_somebody_who_is_switched_off_may_nothing(people):
    people.zoe.is_active = False

    with pytest.raises(NotAllowed, match="switched off"):
        access.put_user(name="new", role=Role.VIEWER, actor=people.zoe, at=NOON)


def test_the_token_command_prints_a_token_that_works(api, client):
    said = StringIO()
    call_command("token", "erp-bot", "--role", "operator", "--domain", "customer", stdout=said)

    answer = client.get("/api/v1/golden/customer", headers={"Authorization": f"Token {said.getvalue().strip()}"})
    refused = client.get("/api/v1/golden/project", headers={"Authorization": f"Token {said.getvalue().strip()}"})

    assert (answer.status_code, refused.status_code) == (200, 403)


def test_an_idempotency_key_is_kept_seven_days(people):
    idempotency.claim(key="k", request_hash="h", actor=people.ada, at=NOON)
    idempotency.keep(key="k", status=200, body={}, actor=people.ada, at=NOON)

    assert idempotency.purge(actor=people.hub, at=later(60 * 24 * 7)) == 0
    assert idempotency.purge(actor=people.hub, at=later(60 * 24 * 7 + 1)) == 1


def test_a_key_whose_request_died_is_taken_over(people):
    idempotency.claim(key="k", request_hash="h", actor=people.ada, at=NOON)

    with pytest.raises(Conflict, match="under way"):
        idempotency.claim(key="k", request_hash="h", actor=people.ada, at=later(1))
    assert idempotency.claim(key="k", request_hash="h", actor=people.ada, at=later(3)) is None
    assert IdempotencyKey.objects.get().created_at == later(3)


def test_a_key_of_strange_characters_or_length_is_refused(people):
    for key in ("x" * 256, "a\nb"):
        with pytest.raises(BadInput):
            idempotency.claim(key=key, request_hash="h", actor=people.ada, at=NOON)
