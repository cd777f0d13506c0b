"""Draw the README's picture: what the log of a failing demo says, as it says it."""

import io
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
STYLES = {"✓": "green", "✗": "bold red", "!": "bold yellow", "FAILED": "bold red", "▶": "bold"}


def main() -> None:
    """Run the demo and draw its log to `docs/console.svg`."""
    demo = [sys.executable, "entrypoint.py", "demo", "--scenario", "banking-card-block"]
    log = subprocess.run(demo, cwd=ROOT, capture_output=True, encoding="utf-8", check=False).stdout  # noqa: S603 - our own program
    picture = Console(record=True, width=112, file=io.StringIO())
    for line in log.splitlines():
        style = next((style for mark, style in STYLES.items() if line.startswith(mark)), "")
        picture.print(Text(line, style=style), soft_wrap=False, overflow="fold")
    picture.save_svg(str(ROOT / "docs" / "console.svg"), title="gatekeeper", unique_id="gatekeeper")


if __name__ == "__main__":
    main()
