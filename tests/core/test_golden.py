"""Every report of known results, word for word; `make golden` renews the expected files."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gatekeeper.core.model import Gate, Pipeline, Reason, Run, Verdict, with_label
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.badge import badge
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.reports.log import ending, runs
from gatekeeper.core.reports.summary import COMMENT_BYTES, summary
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.verdict.attempts import with_attempts
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from gatekeeper.core.wording.styled import plain
from support.builders import PLAIN_POLICY, finished, greeting, response, run_of, step, text

GOLDEN = Path(__file__).parents[1] / "golden"
ANSWERS = sorted(GOLDEN.glob("*.answer.json"))
REPORTS: dict[str, Callable[[Gate], str]] = {
    "junit.xml": lambda gate: "".join(junit(gate)),
    "result.json": lambda gate: b"".join(result_json(gate)).decode(),
    "summary.md": lambda gate: summary(gate, COMMENT_BYTES, "report.html"),
    "badge.svg": badge,
    "console.txt": lambda gate: "".join(
        f"{plain(line)}\n"
        for line in (*runs(gate, "report.html"), *ending(gate, ["report.html"], "report.html"))
    ),
}


KNOWN = Policy(known_failures=(KnownFailure("pay", "BOT-1432", date(2030, 1, 31)),))
LATE = Verdict(Outcome.TIMEOUT, (Reason(Outcome.TIMEOUT, "no verdict within 30 min"),))


def attempt(suite: str, *, pays: bool, policy: Policy = PLAIN_POLICY) -> Run:
    state = "passed" if pays else "failed"
    says = response("Yes." if pays else "No.", text=text("Yes.", status=state))
    steps = (greeting(), step("pay", says, status=state))
    return run_of(finished(*steps, status=state), suite, policy, language="en")


def several_suites() -> Gate:
    """Return a gate of suites that end differently."""
    failing, passing = attempt("v1.2", pays=False), attempt("v1.2", pays=True)
    runs = (
        passing,
        with_attempts([failing, passing], fail_on_flaky=False),
        with_attempts([failing, failing], fail_on_flaky=False),
        attempt("Claims", pays=False, policy=KNOWN),
        attempt("Refunds", pays=False, policy=Policy(blocking=False)),
        Run("Slow", "ctr-2", LATE, language="en", duration=1800.0),
    )
    return with_label(Gate(runs, datetime(2026, 5, 4, 3, 2, 0, tzinfo=UTC), 1800.2), "staging")


def gate_of(path: Path) -> Gate:
    run = run_of(path.read_bytes(), path.name.removesuffix(".answer.json"), language="en")
    pipeline = Pipeline("0123abc", "https://ci.example/jobs/1")
    return Gate((run,), datetime(2026, 5, 4, 3, 2, 0, tzinfo=UTC), 16.4, pipeline)


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda path: path.name.removesuffix(".answer.json"))
def test_a_report_is_as_expected(answer: Path, report: str) -> None:
    drawn = REPORTS[report](gate_of(answer))
    hold(drawn, answer.with_name(answer.name.replace("answer.json", report)))


def test_the_xml_of_several_suites_is_as_expected() -> None:
    hold(REPORTS["junit.xml"](several_suites()), GOLDEN / "several-suites.junit.xml")


def hold(drawn: str, expected: Path) -> None:
    """Hold a report to its expected file, or renew that."""
    if os.environ.get("GOLDEN") == "renew":
        expected.write_text(drawn, encoding="utf-8")
    assert drawn == expected.read_text(encoding="utf-8")
