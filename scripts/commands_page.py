"""Generate `docs/reference/commands.md` from the help of the commands.

`--check` writes nothing, and fails if the file differs from the help.
"""

import os
from pathlib import Path

from click.testing import CliRunner

from gatekeeper.cli import COMMANDS, cli
from scripts.generated import write_or_check

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"
HEAD = """# Commands

| Command | What it does |
|---|---|
"""
MIDDLE = """
The container and both actions run `gatekeeper gate`. Most flags are [settings](settings.md), which
can also be variables or be in [gatekeeper.toml](configuration-file.md). Each command ends with one
of the [exit codes](exit-codes.md).

`make commands` generates this page from `--help`; `make check` fails if it is out of date.
"""


def page() -> str:
    """Return the page that the commands make."""
    rows = "".join(
        f"| [`gatekeeper {name}`](#gatekeeper-{name}) | {summary} |\n"
        for name, summary in COMMANDS.items()
    )
    helps = [f"## gatekeeper {name}\n\n```text\n{_help(name)}```\n" for name in COMMANDS]
    return "\n".join([HEAD + rows + MIDDLE, *helps])


def _help(name: str) -> str:
    """Return the help of a command, as in a terminal of 80 columns."""
    runner = CliRunner(env=dict.fromkeys(os.environ))
    done = runner.invoke(cli, [name, "--help"], prog_name="gatekeeper", terminal_width=80)
    return "".join(f"{line.rstrip()}\n" for line in done.output.splitlines())


if __name__ == "__main__":
    write_or_check(PAGE, page(), "commands")
