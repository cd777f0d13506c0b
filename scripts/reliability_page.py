"""Generate `docs/explanation/reliability.md` from the tests that are marked `proves`.

A row is a test and an outcome; it lists every fault or attack that has this outcome in
the test.
`--check` writes nothing, and fails if the file differs from what the tests say.
"""

import contextlib
import io
import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

import pytest

from scripts.generated import write_or_check

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "reliability.md"
HEAD = """# Reliability

The faults and attacks that the gate is tested against, and what happens in each case. Every test
runs the real program against a real server or socket, in every CI run. In all cases, everything
that is known is in the reports, the run id and how to attach to the run are in the log, and nothing
is green unless it is known to have passed.

`make reliability` generates this page from the tests; `make check` fails if it is out of date.
"""


# No list of faults begins right after one of these.
_SMALL_WORDS = {"a", "an", "as", "at", "in", "of", "on", "the", "with"}


class Collector:
    """A pytest plugin that collects the faults by module title, test and outcome."""

    def __init__(self) -> None:
        self.sections: dict[str, dict[tuple[str, str], list[str]]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Collect the fault and outcome of each `proves` mark."""
        for item in items:
            for mark in item.iter_markers("proves"):
                module = item.getparent(pytest.Module)
                title = (module.obj.__doc__ if module else "").splitlines()[0].rstrip(".")
                test = item.nodeid.partition("::")[2].partition("[")[0]
                fault, outcome = (text.replace("|", "\\|") for text in mark.args)
                faults = self.sections.setdefault(title, {}).setdefault((test, outcome), [])
                if fault not in faults:
                    faults.append(fault)


def joined(faults: Sequence[str]) -> str:
    """Return all faults in one text; words that all of them begin or end with appear once."""
    if len(faults) == 1:
        return faults[0]
    words = [fault.split(" ") for fault in faults]
    first = _same_words(words)
    while first and words[0][first - 1] in _SMALL_WORDS:
        first -= 1
    last = _same_words([each[first:][::-1] for each in words])
    start = " ".join(words[0][:first])
    differing = [" ".join(each[first : len(each) - last]) for each in words]
    end = " ".join(words[0][len(words[0]) - last :])
    if end and differing[0].endswith(","):
        start, end = f"{end}: {start}".rstrip(), ""
        differing = [text.rstrip(",") for text in differing]
    is_phrase = any(" " in text for text in differing)
    if start and is_phrase:
        start = f"{start.rstrip(',:')}:"
    return " ".join(filter(None, (start, ("; " if is_phrase else ", ").join(differing), end)))


def _same_words(texts: Sequence[Sequence[str]]) -> int:
    """Return how many words the texts have in common at their beginning."""
    columns = zip(*texts, strict=False)
    return sum(1 for _ in takewhile(lambda words: len(set(words)) == 1, columns))


def page() -> str:
    """Return the page that the tests make; exits if they cannot be collected."""
    collector = Collector()
    arguments = ["--collect-only", "-q", "-p", "no:cacheprovider", str(ROOT / "tests")]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        code = pytest.main(arguments, plugins=[collector])
    if code != pytest.ExitCode.OK:
        sys.exit(output.getvalue())
    parts = [HEAD]
    for title, rows in sorted(collector.sections.items()):
        lines = ["| Fault or attack | What happens | Test |", "|---|---|---|"]
        lines += [
            f"| {joined(faults)} | {outcome} | `{test}` |"
            for (test, outcome), faults in rows.items()
        ]
        parts.append("\n".join([f"## {title}", "", *lines, ""]))
    groups = [group for rows in collector.sections.values() for group in rows.items()]
    tests = len({test for (test, _), _ in groups})
    faults = sum(len(group) for _, group in groups)
    return "\n".join([*parts, f"{faults} faults and attacks, in {tests} tests.\n"])


if __name__ == "__main__":
    write_or_check(PAGE, page(), "reliability")
