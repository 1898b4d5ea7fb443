"""Every action is keyword-only, names its actor and its time, checks that the actor may, and leaves an audit entry."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil

import mdm.actions
from tests.house import code

BELOW = {
    "mdm.actions.locks",
    "mdm.actions.retrying",
    "mdm.actions.golden.kin.parents",
    "mdm.actions.intake.circles",
    "mdm.actions.intake.hands",
    "mdm.actions.governance.holding",
    "mdm.actions.intake.portions",
    "mdm.actions.intake.spool",
    "mdm.actions.intake.storing",
    "mdm.actions.catching_up",
    "mdm.actions.intake.naming",
    "mdm.actions.golden.regroup",
    "mdm.actions.governance.removal",
    "mdm.actions.golden.survival",
    "mdm.actions.golden.carrying",
    "mdm.actions.golden.pinning",
    "mdm.actions.governance.requesting",
    "mdm.actions.governance.freezing",
    "mdm.actions.golden.inverse",
}
"""Rooms that run inside an action, in its transaction and under its locks; nobody else imports them."""
NO_ACTS = {"mdm.actions.intake.quarantine.problems_of", "mdm.actions.governance.access.digest"}
"""Pure functions that live beside their action."""
UNAUDITED = {
    "mdm.actions.intake.loads.advance": "a cursor is no fact about master data",
    "mdm.actions.intake.loads.finish": "a load counts records; each record's write has its entry",
    "mdm.actions.exchange.jobs.claim": "a lease ends by itself; what the job does has its entry",
    "mdm.actions.exchange.jobs.renew": "a lease ends by itself",
    "mdm.actions.exchange.jobs.ring": "a message only says: look",
    "mdm.actions.exchange.reconcile.start": "the finished run has an entry with its counts",
    "mdm.actions.exchange.schedules.tick": "a tick only wishes a job",
    "mdm.actions.exchange.sync.announce": "the push that follows has its entry",
    "mdm.actions.exchange.sync.push_again": "the push that follows has its entry",
    "mdm.actions.golden.leases.take_next": "a lease ends by itself; the decision has its entry",
    "mdm.actions.golden.leases.skip": "a lease ends by itself",
    "mdm.actions.golden.leases.take": "a lease ends by itself",
    "mdm.actions.governance.request_upkeep.weigh": "the order of the queue is no fact about master data",
    "mdm.actions.golden.risk.weigh": "the order of the queue is no fact about master data",
    "mdm.actions.governance.access.note_use": "the acts done with a token have theirs",
    "mdm.actions.governance.idempotency.claim": "the request itself has its entry",
    "mdm.actions.governance.idempotency.keep": "the request itself has its entry",
    "mdm.actions.governance.idempotency.release": "nothing happened",
    "mdm.actions.governance.idempotency.purge": "answers older than they are promised",
}


def modules():
    found = pkgutil.walk_packages(mdm.actions.__path__, "mdm.actions.")
    return [importlib.import_module(one.name) for one in found if not one.ispkg and one.name not in BELOW]


def actions():
    """Dotted name and function of every public action."""
    return {
        f"{module.__name__}.{name}": function
        for module in modules()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == module.__name__ and f"{module.__name__}.{name}" not in NO_ACTS
    }


def test_every_action_is_keyword_only_and_names_its_actor_and_its_time():
    broken = [
        name
        for name, function in actions().items()
        if not {"actor", "at"} <= inspect.signature(function).parameters.keys()
        or any(one.kind is not one.KEYWORD_ONLY for one in inspect.signature(function).parameters.values())
    ]

    assert len(actions()) > 35
    assert [name for name in broken if name != "mdm.actions.exchange.sequence.drain" and ".sequence." not in name] == []


def test_every_action_says_what_it_does():
    assert [name for name, function in actions().items() if not function.__doc__] == []


def calls():
    """Which function of the actions names which others, by dotted name; `audit.record` among them."""
    found: dict[str, set[str]] = {}
    for path in code.files("mdm/actions"):
        here = code.name(path).removesuffix(".py").replace("/", ".")
        names = {node.name for node in code.tree(path).body if isinstance(node, code.Function)}
        imported = _imports(path)
        for node in code.tree(path).body:
            holders = (
                [node] if isinstance(node, code.Function) else [one for one in ast.walk(node) if isinstance(one, code.Function)]
            )
            for holder in holders:
                found[f"{here}.{holder.name}"] = set(_named(holder, here, names, imported))
    return found


def _imports(path):
    """Local name to what it stands for, of imports from the hub."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(code.tree(path))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mdm")
        for alias in node.names
    }


def _named(holder, here, names, imported):
    for node in ast.walk(holder):
        if isinstance(node, ast.Name):
            yield f"{here}.{node.id}" if node.id in names else imported.get(node.id, "")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{imported.get(node.value.id, '')}.{node.attr}"


def reaches(name, graph, seen):
    if name in {"mdm.audit.record", "mdm.audit.record_all"}:
        return True
    if name in seen:
        return False
    seen.add(name)
    return any(reaches(other, graph, seen) for other in graph.get(name, ()))


def test_every_action_that_writes_leaves_an_audit_entry():
    graph = calls()
    silent = {name for name in actions() if ".sequence." not in name and not reaches(name, graph, set())}

    assert silent - set(UNAUDITED) == set()
    assert set(UNAUDITED) - silent == set(), "they have an entry now: take them off the list"


def test_the_rooms_below_are_used_by_actions_only():
    users = {
        code.name(path)
        for path in code.files()
        for name in _imports(path).values()
        if any(name == room or name.startswith(room + ".") for room in BELOW - {"mdm.actions.locks", "mdm.actions.retrying"})
    }

    assert {user for user in users if not user.startswith("mdm/actions/")} == set()


def test_nobody_but_actions_writes_tables():
    """`.save()`, `.create()`, `.update()` and their like outside mdm/actions, the models and the two outboxes."""
    allowed = (
        "mdm/actions/",
        "mdm/models/",
        "mdm/audit.py",
        "mdm/outbox.py",
        "mdm/permissions.py",
        "mdm/admin.py",
        "connectors/twins/",  # systems of others
        "stewardship/preferences.py",  # a person's own display settings
        "matching/",
    )
    writing = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "select_for_update"}
    found = [
        f"{code.name(path)}:{node.lineno} {node.attr}"
        for path in code.files()
        if not code.name(path).startswith(allowed)
        for node in ast.walk(code.tree(path))
        if isinstance(node, ast.Attribute) and node.attr in writing
    ]

    assert found == []
