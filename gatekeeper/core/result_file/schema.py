"""`result.json`: the shape that is written, and reading it back.

Writer and reader share these structures, so that neither can drift from the other.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from gatekeeper.core.answer.soundness import refuse_deep, refuse_repeated_names
from gatekeeper.core.model import Comparison, Shard, Steps
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.text import one_line
from gatekeeper.errors import ExitCode, MalformedResult

SCHEMA = 1
# The platforms run no more jobs of one plan; GitHub's limit is the highest.
MOST_SHARDS = 256
# How a run can end; a step that was not executed leaves its run without a verdict.
_ENDS = frozenset(Outcome) - {Outcome.SKIPPED}
_SIGNALS = frozenset(code - 128 for code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED))


def _nothing_told() -> tuple[str, ...]:
    # Unlike a plain default, what a function makes is written also where it is empty.
    return ()


class SavedReason(Record, kw_only=True, omit_defaults=True):
    """Why something did not pass, or what is odd about it; that of an assertion has its `kind`."""

    text: str
    outcome: Outcome
    check: Check | None = None
    kind: str | None = None
    response: int | None = None
    comparisons: tuple[Comparison, ...] = ()
    paths: tuple[tuple[str, ...], tuple[str, ...]] | None = None


class SavedResponse(Record, kw_only=True, omit_defaults=True):
    """A response of the app, and where in the app it came from."""

    text: str | None = None
    node: str | None = None
    node_id: str | None = None
    dialog: str | None = None
    intent: str | None = None
    path: tuple[str, ...] = ()


class SavedCase(Record, kw_only=True, omit_defaults=True):
    """How one step ended; `name` is its number and its input, `outcome` that of its verdict.

    `id` is what the step is known by in every run, and is missing in older files. `said` is the
    whole input, and is missing where no step is known. `failures` are the reasons with all that was
    compared, `remarks` the warnings. Of a step that has any, the `answers` are kept, and those that
    `never_came`.
    """

    index: int
    name: str
    id: str | None = None
    outcome: Outcome
    reasons: tuple[str, ...] = msgspec.field(default_factory=_nothing_told)
    said: str | None = None
    event: str | None = None
    request_id: str | None = None
    failures: tuple[SavedReason, ...] = ()
    remarks: tuple[SavedReason, ...] = ()
    answers: tuple[SavedResponse, ...] = ()
    never_came: tuple[SavedResponse, ...] = ()


class SavedRun(Record, kw_only=True):
    """How one run of one suite ended; `failures` and `remarks` are those of the run itself.

    `started` is when it did, as the platform tells it. `attempt` is its number among the starts of
    its suite, from 1, and `earlier` has the other attempts.
    """

    test_suite: str
    test_run_id: str | None = None
    stream_id: str | None = None
    language: str | None = None
    bot_version: str | None = None
    verdict: Outcome
    flaky: bool = False
    steps: Steps = msgspec.field(default_factory=Steps)
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    next_step: str = ""
    failures: tuple[SavedReason, ...] = ()
    remarks: tuple[SavedReason, ...] = ()
    results_url: str | None = None
    started: str | None = None
    duration: float | None = None
    cases: tuple[SavedCase, ...] = ()
    attempt: int = 1
    earlier: tuple[SavedRun, ...] = ()


class SavedGate(Record, kw_only=True):
    """How a gate ended; `started_at` is in ISO 8601, `duration` in seconds.

    `interrupted_by` is the number of the signal that ended it, and `pipeline_id` the same for all
    jobs of a pipeline.
    """

    schema: int
    verdict: Outcome
    exit_code: int | None = None
    started_at: str
    duration: float
    interrupted_by: int | None = None
    shard: Shard | None = None
    commit: str | None = None
    pipeline_id: str | None = None
    pipeline_url: str | None = None
    unwritten: tuple[str, ...] = ()
    runs: tuple[SavedRun, ...]

    @property
    def start_time(self) -> datetime:
        """When the gate started; a time without a zone is UTC."""
        told = datetime.fromisoformat(self.started_at)
        return told if told.tzinfo else told.replace(tzinfo=UTC)


class _Versioned(Record):
    schema: int


def read_saved(body: bytes) -> SavedGate:
    """Read a `result.json`; raises `MalformedResult` for what is none."""
    try:
        refuse_deep(body)
        schema = msgspec.json.decode(body, type=_Versioned).schema
        if schema != SCHEMA:
            what = f"its schema is {schema}, and this version of gatekeeper reads {SCHEMA} alone"
            raise MalformedResult(f"{what}: use the version that wrote it")
        saved = msgspec.json.decode(body, type=SavedGate)
        _ = saved.start_time
        refuse_repeated_names(body)
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise MalformedResult(f"it is no result.json: {one_line(str(error))}") from None
    if (shard := saved.shard) and not 1 <= shard.index <= shard.total <= MOST_SHARDS:
        raise MalformedResult(f"it is no result.json: it says that it is shard {shard}")
    if saved.interrupted_by is not None and saved.interrupted_by not in _SIGNALS:
        what = f"no gate is ended by signal {saved.interrupted_by}"
        raise MalformedResult(f"it is no result.json: {what}")
    for run in saved.runs:
        _refuse_odd(run)
    return saved


def _refuse_odd(run: SavedRun) -> None:
    """Refuse what no gate writes, and nothing could be drawn of."""
    about = one_line(run.test_suite)
    for one in (run, *run.earlier):
        if one.verdict not in _ENDS:
            raise MalformedResult(f"it is no result.json: {about} cannot end as {one.verdict}")
        if [case.index for case in one.cases] != list(range(1, len(one.cases) + 1)):
            raise MalformedResult(f"it is no result.json: the cases of {about} are misnumbered")
