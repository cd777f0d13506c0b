"""Pages that are open in Chromium."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Dialog, Page

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
