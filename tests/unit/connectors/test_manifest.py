"""Manifests: the shipped ones are right, and a wrong one says everything that is wrong with it, with file and line."""

from __future__ import annotations

import pytest

from connectors import manifest
from connectors.errors import ErrorClass
from connectors.manifest import lint
from connectors.systems import ROOMS
from mdm.errors import BadConfiguration

GOOD = """\
system: acme
title: Acme
direction: both
protocol: salesforce
settings:
  url: {env: ACME_URL, required: true}
auth: {kind: oauth2_jwt_bearer, token_path: /token}
errors:
  - {status: 401, class: auth}
objects:
  Account:
    domain: customer
    id: Id
    updated_at: Changed
    enterprise_id: Stamp
    fields:
      - [name, Name]
      - [legal_entity, Parent, {codec: ref, object: Account}]
    read: {kind: watermark, field: Changed, overlap_seconds: 60, page_rows: 100}
    deletes: {kind: flag, field: Gone}
    write: {kind: batch_by_id, size: 10, guard: read_compare}
"""


def problems_of(tmp_path, text, name="acme.yaml"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadConfiguration) as caught:
        manifest.load(tmp_path)
    return caught.value.message


def test_the_shipped_manifests_have_all_systems_and_a_room_for_each_protocol():
    shipped = manifest.shipped()

    assert set(shipped) == {"salesforce", "netsuite", "dynamics365", "workday", "delivery"}
    assert {found.protocol for found in shipped.values()} - {""} == set(ROOMS) == set(lint.PROTOCOLS)
    assert all(spec.write is None or spec.enterprise_id for found in shipped.values() for spec in found.objects.values())


def test_a_manifest_is_read_into_frozen_parts(tmp_path):
    (tmp_path / "acme.yaml").write_text(GOOD, encoding="utf-8")

    found = manifest.load(tmp_path)["acme"]

    account = found.objects["Account"]
    assert account.paths == ("Id", "Changed", "Stamp", "Name", "Parent")
    assert (account.read.page_rows, account.write.size, account.deletes.kind) == (100, 10, "flag")
    assert found.errors[0].fits(401, "anything")
    assert found.errors[0].error_class is ErrorClass.AUTH


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("system: acme", "system: other", "acme.yaml:1: system is 'other' in a file called acme.yaml"),
        ("protocol: salesforce", "protocol: gopher", "acme.yaml:4: protocol must be one of salesforce, netsuite"),
        ("{env: ACME_URL, required: true}", "{required: true}", "acme.yaml:6: settings.url has no 'env'"),
        ("kind: oauth2_jwt_bearer", "kind: handshake", "acme.yaml:7: auth.kind must be one of oauth2_jwt_bearer"),
        ("{status: 401, class: auth}", "{status: 999, class: later}", "acme.yaml:9: errors.0.class must be one of retry"),
        ("[name, Name]", "[name]", "acme.yaml:17: objects.Account.fields.0 row 1: must be [attribute, path]"),
        (
            "object: Account}]",
            "object: Nowhere}]",
            "acme.yaml:16: objects.Account.fields has 'legal_entity' name the object 'Nowhere'",
        ),
        ("    deletes: {kind: flag, field: Gone}\n", "", "acme.yaml:11: objects.Account has no 'deletes'"),
        ("{kind: flag, field: Gone}", "{kind: none}", "acme.yaml:20: objects.Account.deletes of kind 'none' needs 'reason'"),
        ("    enterprise_id: Stamp\n", "", "acme.yaml:11: objects.Account is written but has no 'enterprise_id'"),
        ("size: 10", "size: none", "acme.yaml:21: objects.Account.write.size must be a whole number above 0"),
        ("title: Acme", "title: Acme\ncolour: red", "acme.yaml:3: colour is not a known setting: 'colour'"),
        ("title: Acme", "title: Acme\n  x: [", "acme.yaml:3: is not YAML"),
    ],
    ids=[
        "file name",
        "protocol",
        "setting",
        "auth",
        "error",
        "row",
        "reference",
        "no deletes",
        "reason",
        "no stamp",
        "size",
        "unknown",
        "yaml",
    ],
)
def test_each_mistake_is_named_with_its_line(tmp_path, old, new, said):
    assert old in GOOD

    assert said in problems_of(tmp_path, GOOD.replace(old, new))


def test_all_mistakes_of_all_files_come_together(tmp_path):
    (tmp_path / "first.yaml").write_text("title: First\n", encoding="utf-8")

    said = problems_of(tmp_path, "system: second\n", name="second.yaml")

    assert "first.yaml:1: has no 'objects'" in said
    assert "second.yaml:1: has no 'title'" in said
