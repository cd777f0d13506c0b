"""What a gate knows at its end: the data that every report is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

import msgspec
from msgspec.structs import replace

from gatekeeper.core.answer.shape import Result, Step
from gatekeeper.core.outcomes import Check, Outcome, worst
from gatekeeper.core.record import Record
from gatekeeper.core.step_ids import ids_of
from gatekeeper.errors import ExitCode


class Comparison(Record):
    """One compared thing: any of `expected` is right; `actual` is `None` if it is unknown."""

    subject: str
    expected: tuple[str, ...]
    actual: str | None


class Mismatch(Record):
    """A failing assertion: its kind, the number of its response (from 1), what did not match.

    A flow also has its `paths`, the expected and the actual nodes as far as they are known.
    """

    kind: str
    response: int
    comparisons: tuple[Comparison, ...]
    paths: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


class Reason(Record):
    """Why something did not pass or, among the warnings, what is odd about it.

    `check` is the cross-check that it comes from; a `firm` reason cannot be accepted.
    """

    outcome: Outcome
    text: str
    check: Check | None = None
    firm: bool = False
    mismatch: Mismatch | None = None

    def __str__(self) -> str:
        """Return the text, after the name of the cross-check in brackets."""
        return f"[{self.check}] {self.text}" if self.check else self.text


class Case(Record):
    """The verdict on one step; `index` counts from 1."""

    index: int
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()


class Steps(Record):
    """How many steps there were, and how many of them ended in which way."""

    total: int = 0
    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    tolerated: int = 0

    def __add__(self, other: Steps) -> Steps:
        """Add two counts."""
        return Steps(
            self.total + other.total,
            self.passed + other.passed,
            self.failed + other.failed,
            self.error + other.error,
            self.skipped + other.skipped,
            self.tolerated + other.tolerated,
        )


class Verdict(Record):
    """The verdict on a run: its reasons are those of the run itself, its cases have their own.

    `next_step` says what to do about it if the reasons do not.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    cases: tuple[Case, ...] = ()
    steps: Steps = msgspec.field(default_factory=Steps)
    next_step: str = ""


class StartedBy(Record):
    """When `gatekeeper start` started a run, in ISO 8601, and the link to its job if known."""

    at: str
    url: str | None = None


class Run(msgspec.Struct, frozen=True, dict=True):
    """One run of one suite: what was asked for, and its verdict. `duration` is in seconds.

    `attempt` is its number among the starts of its suite, from 1; `earlier` lists the other
    attempts in order. `variant` distinguishes it from other runs of its suite: the language.
    `saved_ids` are the ids of its steps if it was read from a file, and `answers_left_out` is the
    number of passed steps whose responses that file left out. `label` is that of its gate. If
    another job started it, `started_by` says when and which. A run that is no suite's (`is_suite`)
    stands for what is wrong with the gate as a whole.
    """

    test_suite: str
    test_run_id: str | None
    verdict: Verdict
    stream_id: str | None = None
    bot_version: str | None = None
    language: str | None = None
    duration: float | None = None
    results_url: str | None = None
    result: Result | None = None
    attempt: int = 1
    earlier: tuple[Run, ...] = ()
    variant: str = ""
    saved_ids: tuple[str, ...] = ()
    answers_left_out: int = 0
    label: str = ""
    started_by: StartedBy | None = None
    is_suite: bool = True

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of its steps, the same in every run; empty if it has no step details."""
        return self.saved_ids or ids_of(self.steps)

    def id_of(self, case: Case) -> str:
        """Return the id of the step that a case judges."""
        return self.ids[case.index - 1] if self.ids else f"step {case.index}"

    @property
    def steps(self) -> Sequence[Step]:
        """The steps of its result; empty if it has no step details."""
        execution = self.result.result if self.result else None
        return (execution.execution_results if execution else None) or ()

    @property
    def name(self) -> str:
        """Its name in reports: the suite, with the variant if the suite has several."""
        return f"{self.test_suite} ({self.variant})" if self.variant else self.test_suite

    @property
    def could_not_start(self) -> bool:
        """Whether a gate asked for it in an app, and no run of it is known."""
        return self.stream_id is not None and self.test_run_id is None

    @property
    def is_flaky(self) -> bool:
        """Whether it passed after it had failed."""
        return bool(self.earlier) and self.verdict.outcome.is_green


class Pipeline(Record):
    """The CI job that the gate runs in, as far as it is known: the commit, a link to the job.

    `id` identifies the pipeline: it is the same for all of its jobs and all their re-runs.
    """

    commit: str | None = None
    url: str | None = None
    id: str | None = None


class Shard(Record):
    """One job of a plan: number `index`, from 1, of `total`."""

    index: int
    total: int

    def __str__(self) -> str:
        """Return it as the setting has it: `2/3`."""
        return f"{self.index}/{self.total}"


class Partial(Record):
    """What a gate left out that ran only suites which had not passed before.

    `not_run` is the number of the other suites, at least 1.
    """

    not_run: int


_EXIT_CODES = {
    Outcome.PASSED: ExitCode.PASSED,
    Outcome.FAILED: ExitCode.FAILED,
    Outcome.ERROR: ExitCode.NO_VERDICT,
    Outcome.TIMEOUT: ExitCode.TIMEOUT,
}


class Gate(Record):
    """Everything that a report is drawn from.

    `duration` is in seconds, `interrupted_by` is the number of the signal that ended the gate, and
    `unwritten` says which reports could not be written. `shard` is its place in a plan, if it is
    one. It ended before any run if its settings were wrong (`misconfigured`). If it is `partial`,
    it is no verdict on the suites that it left out.
    """

    runs: tuple[Run, ...]
    started_at: datetime
    duration: float
    pipeline: Pipeline = msgspec.field(default_factory=Pipeline)
    interrupted_by: int | None = None
    unwritten: tuple[str, ...] = ()
    shard: Shard | None = None
    misconfigured: bool = False
    partial: Partial | None = None

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of its runs, tolerated counting as passed; an error without runs."""
        if not self.runs:
            return Outcome.ERROR
        outcome = worst(run.verdict.outcome for run in self.runs)
        return Outcome.PASSED if outcome.is_green else outcome

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the gate: a plain failure outranks everything else."""
        if self.misconfigured:
            return ExitCode.CONFIGURATION
        if self.interrupted_by is not None and self.outcome is not Outcome.FAILED:
            return ExitCode.of_signal(self.interrupted_by)
        if self.outcome is Outcome.PASSED and self.unwritten:
            return ExitCode.REPORT_NOT_WRITTEN
        return _EXIT_CODES[self.outcome]

    @property
    def steps(self) -> Steps:
        """The steps of all runs."""
        return sum((run.verdict.steps for run in self.runs), Steps())


def with_label(gate: Gate, label: str) -> Gate:
    """Return a gate whose runs have its label, but for those that have one already."""
    if not label:
        return gate
    return replace(gate, runs=tuple(replace(run, label=run.label or label) for run in gate.runs))
