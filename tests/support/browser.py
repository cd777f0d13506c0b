"""Pages that are open in Chromium."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Dialog, Page, expect

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# The browser itself sends nothing over the network.
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

    def shows(self, anchors: list[str]) -> None:
        """Wait until the visible steps are those with the given anchors."""
        steps = self.page.locator(".step:visible")
        expect(steps).to_have_count(len(anchors))
        for step, anchor in zip(steps.all(), anchors, strict=True):
            expect(step).to_have_id(anchor)

    def says(self, text: str) -> None:
        """Wait until the live region has a text."""
        expect(self.page.locator("#status")).to_have_text(text)

    def is_at(self, fragment: str) -> None:
        """Wait until the address ends with a fragment."""
        expect(self.page).to_have_url(re.compile(f"{re.escape(fragment)}$"))

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
