"""Draw the README's pictures from a failing demo: its log and its page."""

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def main() -> None:
    """Run the demo and draw `docs/console.svg` and `docs/page.png`."""
    with tempfile.TemporaryDirectory() as folder:
        demo = [sys.executable, str(ROOT / "entrypoint.py"), "demo"]
        done = subprocess.run(  # noqa: S603 - our own program
            [*demo, "--scenario", "banking-card-block"],
            cwd=folder,
            env=os.environ | {"FORCE_COLOR": "1", "CI": "true"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        draw_log(done.stdout)
        draw_page(Path(folder) / "gatekeeper-report" / "report.html")


def draw_log(log: str) -> None:
    """Draw a log in its colours."""
    picture = Console(record=True, width=112, file=io.StringIO())
    for line in log.splitlines():
        picture.print(Text.from_ansi(line), soft_wrap=False, overflow="fold")
    picture.save_svg(str(ROOT / "docs" / "console.svg"), title="gatekeeper", unique_id="gatekeeper")


def draw_page(page: Path) -> None:
    """Draw the page with only its failing steps."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1180, "height": 1330})
        tab.goto(f"{page.as_uri()}#show=failed")
        tab.screenshot(path=str(ROOT / "docs" / "page.png"))
        browser.close()


if __name__ == "__main__":
    main()
