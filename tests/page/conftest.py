"""Chromium and the pages that it opens."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright

from gatekeeper.core.model import Run
from page import drawn

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Chromium itself makes no requests.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
)


@dataclass
class Opened:
    """A page in the browser, its address, and everything that it did by itself."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def dismiss(self, dialog: Dialog) -> None:
        """Record a dialog and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def go(self, fragment: str = "") -> None:
        """Reload the page at a fragment."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}{fragment}")

    def visible(self) -> list[str]:
        """Return the anchors of the visible steps."""
        steps = self.page.locator(".step:visible")
        return [str(step.get_attribute("id")) for step in steps.all()]

    def reports(self) -> str:
        """Return the text of the live region."""
        return self.page.locator("#status").inner_text()

    def counts(self) -> dict[str, int]:
        """Count the elements by name."""
        script = """() => {
            const counts = {};
            for (const { localName } of document.querySelectorAll("*")) {
                counts[localName] = (counts[localName] ?? 0) + 1;
            }
            return counts;
        }"""
        counts: dict[str, int] = self.page.evaluate(script)
        return counts


Opener = Callable[..., Opened]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium and stop it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Return what draws a page of runs and opens its file, with options of a browser's context.

    What a page did wrong on its own account is found at the end: a request, or a complaint.
    """
    contexts: list[BrowserContext] = []
    pages: list[Opened] = []

    def open_(*runs: Run, fragment: str = "", **options: Any) -> Opened:
        file = tmp_path / f"report-{len(pages)}.html"
        file.write_text(drawn(*runs), encoding="utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        tab = Opened(page, file.as_uri())
        page.on("request", lambda request: tab.requests.append(request.url))
        page.on("console", lambda message: tab.messages.append(message.text))
        page.on("pageerror", lambda error: tab.messages.append(str(error)))
        page.on("dialog", tab.dismiss)
        pages.append(tab)
        page.goto(f"{tab.address}{fragment}")
        return tab

    yield open_
    for context in contexts:
        context.close()
    for page in pages:
        assert {re.sub("#.*", "", url) for url in page.requests} <= {page.address, "about:blank"}
        assert page.messages == []
        assert page.dialogs == []
