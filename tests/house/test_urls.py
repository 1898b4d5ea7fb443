"""Every address is private, unless it stands on the list of public ones."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {"login", "api-docs", "api-openapi", "stewardship:healthz", "admin:login"}
SAMPLES = {"int": "1", "str": "x", "path": "x", "slug": "x", "uuid": "6f1f2e62-7f0a-4f55-9f0f-0c3b8f3d2d11"}


def addresses():
    """(name, path) of every address, its parameters filled."""
    return list(_walk(get_resolver(), "/", ""))


def _walk(resolver, path, space):
    for one in resolver.url_patterns:
        here = path + _filled(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one, here, f"{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern):
            yield f"{space}{one.name}", here


def _filled(pattern):
    text = str(pattern)
    for name, converter in pattern.converters.items():
        kind = next((kind for kind in SAMPLES if kind in type(converter).__name__.lower()), "str")
        text = text.replace(f"<{kind}:{name}>", SAMPLES[kind]).replace(f"<{name}>", SAMPLES[kind])
    return text.replace("^", "").replace("$", "")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_gets_anything_from_a_private_address(method):
    opened = []
    for name, path in addresses():
        if name in PUBLIC or "(?P" in path:
            continue
        answer = getattr(Client(raise_request_exception=False), method)(path)
        is_sent_to_log_in = answer.status_code == 302 and "login" in answer["Location"]
        if not is_sent_to_log_in and answer.status_code not in {401, 403, 405}:
            opened.append((name, path, answer.status_code))

    assert opened == []


@pytest.mark.django_db
def test_every_public_address_exists_and_answers():
    known = dict(addresses())

    assert set(known) >= PUBLIC
    assert {name: Client().get(known[name]).status_code for name in PUBLIC - {"admin:login"}} == dict.fromkeys(
        PUBLIC - {"admin:login"}, 200
    )
