"""The log while suites run: what changed, at most every so often, and never silent for long."""

import io
import time
from collections.abc import Sequence

from msgspec.structs import replace

from gatekeeper.console import Console
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.progress import GateProgress, SuiteProgress
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.deadline import Deadline
from gatekeeper.kore.client import KoreClient
from gatekeeper.redaction import Redactor
from gatekeeper.settings.gate_settings import SuiteSettings
from gatekeeper.watch.progress_log import ProgressLog
from gatekeeper.watch.suites import GateContext, RunIds, SuiteWatch

RUNNING = SuiteProgress("Card block", percentage=10.0, elapsed=5.0, remaining=55.0)
WAITING = SuiteProgress("Rebooking", is_waiting=True)
FAILED = SuiteProgress("Claims", outcome=Outcome.FAILED)
LATE = SuiteProgress("Returns", outcome=Outcome.TIMEOUT)


class Progress:
    """The suites of a gate, which a test changes, and the log of them."""

    def __init__(
        self,
        *suites: SuiteProgress,
        interval: float = 0.0,
        silence: float | None = None,
        quiet: bool = False,
    ) -> None:
        self.suites: Sequence[SuiteProgress] = suites
        self.stream = io.StringIO()
        self.console = Console(self.stream, quiet=quiet)
        self.log = ProgressLog(
            self.console,
            lambda: GateProgress(self.suites, 243.0),
            interval=interval,
            silence=silence,
        )

    def change(self, *suites: SuiteProgress) -> None:
        self.suites = suites
        self.log.changed()

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


def test_of_several_suites_a_line_has_the_total_and_names_the_last_ones() -> None:
    progress = Progress()
    progress.change(RUNNING, WAITING, WAITING)
    progress.change(FAILED, LATE, RUNNING)
    first, second = progress.lines
    assert first == "  0 of 3 suites done, 1 running, 2 waiting; 4 min 3 s elapsed"
    counts = "2 of 3 suites done, 1 running, 1 failed, 1 without a verdict"
    assert second == f"  {counts}; 4 min 3 s elapsed (still running: Card block 10 %)"


def test_of_one_suite_a_line_has_the_percentage() -> None:
    progress = Progress()
    progress.change(RUNNING)
    progress.change(replace(RUNNING, percentage=None))
    assert progress.lines == [
        "  Card block:  10 %, 5 s elapsed, times out in 55 s",
        "  Card block: progress unknown, 5 s elapsed, times out in 55 s",
    ]


def test_a_line_is_only_written_for_a_change() -> None:
    progress = Progress()
    for percentage in (10.0, 20.0, 30.0):
        progress.change(replace(RUNNING, percentage=percentage), WAITING)
    assert len(progress.lines) == 1


def test_changes_in_quick_succession_are_logged_together() -> None:
    progress = Progress(interval=1.0)
    with progress.log.running():
        for percentage in range(50):
            progress.change(replace(RUNNING, percentage=percentage))
        assert len(progress.lines) == 1
        time.sleep(2.0)
    assert [line.partition("%")[0] for line in progress.lines] == [
        "  Card block:   0 ",
        "  Card block:  49 ",
    ]


def test_a_silence_is_broken_by_the_progress_and_only_a_silence() -> None:
    progress = Progress(RUNNING, interval=0.0, silence=0.3)
    with progress.log.running():
        for _ in range(4):
            time.sleep(0.1)
            progress.console.say("news")
        assert progress.lines == ["news"] * 4
        time.sleep(0.9)
    beats = len(progress.lines) - 4
    assert beats in (1, 2, 3)
    time.sleep(0.5)
    assert len(progress.lines) == 4 + beats


def test_a_quiet_log_has_no_line_but_those_that_keep_it_from_looking_dead() -> None:
    progress = Progress(RUNNING, quiet=True)
    progress.change(replace(RUNNING, percentage=50.0))
    assert progress.lines == []
    progress = Progress(RUNNING, silence=0.0, quiet=True)
    with progress.log.running():
        while not progress.lines:
            time.sleep(0.01)
    assert progress.lines[0].startswith("  Card block:  10 %")


def test_a_secret_in_a_name_is_masked_in_the_live_display_too() -> None:
    secret = "n0t-to-be-seen"
    settings = SuiteSettings(f"A {secret}", None, "st-1", "en", "1", "a@b.c", 9.0, Policy(), 0)
    console = Console(io.StringIO(), Redactor([secret]))
    log = ProgressLog(console, lambda: GateProgress((), 0.0))
    context = GateContext(no_client, console, log, RunIds(), fail_on_flaky=False)
    assert SuiteWatch(settings, context, "en").now.name == "A *** (en)"


def no_client(_: SuiteSettings, __: Deadline) -> KoreClient:
    raise AssertionError("nothing is started")


def test_a_live_display_replaces_the_lines() -> None:
    progress = Progress()
    displayed: list[str] = []
    with progress.console.displayed(displayed.append):
        progress.change(RUNNING)
    assert (progress.lines, displayed) == ([], [])
