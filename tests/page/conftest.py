"""Chromium and the pages that it opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from gatekeeper.core.model import Run
from support.browser import CHROMIUM, FLAGS, Opened, Opener
from support.pages import drawn


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
