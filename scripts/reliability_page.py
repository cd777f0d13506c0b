"""Draw `docs/reliability.md` from the tests: a row for each that proves something.

`--check` writes nothing, and fails where the file is not what the tests say.
"""

import contextlib
import io
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reliability.md"
HEAD = """# Reliability

What was tried against the gate, what happens then, and the test that shows it: against the real
program and a real server or socket, in every CI run. In no row is anything lost: whatever was known
is in the reports, the run's id and how to attach to it are told, and nothing is green that is not
known to have passed.

This page is drawn from the tests by `make reliability`; a test fails when it differs from them.
"""


class Collector:
    """A pytest plugin that notes the rows of what is collected."""

    def __init__(self) -> None:
        self.rows: dict[str, list[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note a row for each mark of each test, by the title of its module."""
        for item in items:
            for mark in item.iter_markers("proves"):
                module = item.getparent(pytest.Module)
                title = (module.obj.__doc__ if module else "").splitlines()[0].rstrip(".")
                name = item.nodeid.partition("::")[2].partition("[")[0]
                fault, outcome = (text.replace("|", "\\|") for text in mark.args)
                row = f"| {fault} | {outcome} | `{name}` |"
                rows = self.rows.setdefault(title, [])
                if row not in rows:
                    rows.append(row)


def page() -> str:
    """Return the page as the tests have it."""
    collector = Collector()
    arguments = ["--collect-only", "-q", "-p", "no:cacheprovider", str(ROOT / "tests")]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(arguments, plugins=[collector])
    if code != pytest.ExitCode.OK:
        sys.exit(said.getvalue())
    parts = [HEAD]
    for title, rows in sorted(collector.rows.items()):
        head = ["| Fault or attack | What happens | Test |", "|---|---|---|"]
        parts.append("\n".join([f"## {title}", "", *head, *rows, ""]))
    total = sum(map(len, collector.rows.values()))
    return "\n".join([*parts, f"{total} rows.\n"])


def main() -> None:
    """Write the page, or hold it against the tests."""
    drawn = page()
    if "--check" not in sys.argv:
        PAGE.write_text(drawn, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != drawn:
        sys.exit(f"{PAGE.name} is not what the tests say: run `make reliability`")


if __name__ == "__main__":
    main()
