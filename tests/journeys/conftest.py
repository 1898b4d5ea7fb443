"""A real browser on a live hub. Any complaint of the content policy, any script error, any request abroad fails the test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from tests import people as made
from tests.factories import systems

# Playwright's loop runs in the test's thread, which makes Django's ORM think that it is called from asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PASSWORD = "correct horse battery"
REFUSALS = ("Failed to load resource", "Response Status Error", "Failed to fetch")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 320, "height": 640}}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; root has no sandbox."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "no Chromium: install the package chromium"
    return {**browser_type_launch_args, "executable_path": path, "args": ["--no-sandbox"] if os.geteuid() == 0 else []}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each test has its own live hub; pages get its address from `enter`."""


@pytest.fixture
def crew(transactional_db: None) -> made.People:
    """The people, able to log in, and the systems."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    crew = made.make()
    for person in (crew.ada, crew.dee, crew.ben, crew.oli, crew.zoe):
        person.set_password(PASSWORD)
        person.save()
    systems.declare()
    return crew


Enter = Callable[..., Page]


@pytest.fixture
def enter(new_context: Callable[..., BrowserContext], live_server: Any, crew: made.People) -> Iterator[Enter]:
    """Log somebody in, in a browser of their own; `page.goto` takes addresses of the hub."""
    complaints: list[str] = []

    def log_in(name: str = "ada", *, scheme: Any = "light", size: str = "desk", **more: Any) -> Page:
        page = new_context(base_url=live_server.url, color_scheme=scheme, viewport=SIZES[size], **more).new_page()
        watch(page, live_server.url, complaints)
        page.goto("/login/")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{live_server.url}/")
        return page

    yield log_in
    assert complaints == []


def watch(page: Page, home: str, complaints: list[str]) -> None:
    """Gather what must not happen. A 4xx answer is reported by the browser as an error too; a test that wants one says so."""
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}") if _is_complaint(page, said) else None)
    page.on("request", lambda request: complaints.append(f"abroad: {request.url}") if not _is_ours(request.url, home) else None)


def _is_complaint(page: Page, said: Any) -> bool:
    is_refusal = any(words in said.text for words in REFUSALS)
    return said.type in {"error", "warning"} and not (is_refusal and getattr(page, "expects_refusal", False))


def _is_ours(url: str, home: str) -> bool:
    return url.startswith((home, "data:", "blob:", "about:"))


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url} {each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
