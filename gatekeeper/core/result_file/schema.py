"""The schema of `result.json`, which its writer and its readers share."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from gatekeeper.core.answer.soundness import refuse_deep, refuse_repeated_names
from gatekeeper.core.model import Comparison, Partial, Shard, StartedBy, Steps
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.text import one_line
from gatekeeper.errors import ExitCode, MalformedResult

SCHEMA = 1
INVALID = "not a valid result.json"
# No CI platform runs more jobs of one plan; GitHub's limit is the highest.
MOST_SHARDS = 256
# A run is never skipped: a step that was not executed makes it an error.
_VERDICTS = frozenset(Outcome) - {Outcome.SKIPPED}
_SIGNALS = frozenset(
    code - 128 for code in (ExitCode.HUNG_UP, ExitCode.INTERRUPTED, ExitCode.TERMINATED)
)


def _written_if_empty() -> tuple[str, ...]:
    # `omit_defaults` omits an empty tuple, unless a factory made it.
    return ()


class SavedReason(Record, kw_only=True, omit_defaults=True):
    """Why something did not pass, or a warning; one about an assertion has its `kind`."""

    text: str
    outcome: Outcome
    check: Check | None = None
    kind: str | None = None
    response: int | None = None
    comparisons: tuple[Comparison, ...] = ()
    paths: tuple[tuple[str, ...], tuple[str, ...]] | None = None


class SavedResponse(Record, kw_only=True, omit_defaults=True):
    """A response of the bot, and where in its flow it came from."""

    text: str | None = None
    node: str | None = None
    node_id: str | None = None
    dialog: str | None = None
    intent: str | None = None
    path: tuple[str, ...] = ()


class SavedCase(Record, kw_only=True, omit_defaults=True):
    """How one step ended; `name` is its number and its input.

    `id` identifies the step in every run; older files lack it. `said` is the full input; it is
    missing if the platform reported no steps. `failures` are the reasons with their comparisons,
    `remarks` the warnings. `answers` are the actual responses; those of a step that passed are
    shortened. A step with reasons or warnings also has the expected ones that `never_came`.
    """

    index: int
    name: str
    id: str | None = None
    outcome: Outcome
    reasons: tuple[str, ...] = msgspec.field(default_factory=_written_if_empty)
    said: str | None = None
    event: str | None = None
    request_id: str | None = None
    failures: tuple[SavedReason, ...] = ()
    remarks: tuple[SavedReason, ...] = ()
    answers: tuple[SavedResponse, ...] = ()
    never_came: tuple[SavedResponse, ...] = ()


class SavedRun(Record, kw_only=True):
    """How one run of one suite ended; `failures` and `remarks` are those of the run itself.

    `started` is the start time that the platform reported. `attempt` counts the starts of the
    suite from 1, and `earlier` has the other attempts. `answers_left_out` is the number of passed
    steps whose responses are not in the file, to limit its size. `label` is that of the gate, if it
    has one. If another job started the run, `started_by` says when and which.
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
    answers_left_out: int = 0
    attempt: int = 1
    earlier: tuple[SavedRun, ...] = ()
    label: str | msgspec.UnsetType = msgspec.UNSET
    started_by: StartedBy | msgspec.UnsetType = msgspec.UNSET


class SavedGate(Record, kw_only=True):
    """How a gate ended; `started_at` is in ISO 8601, `duration` in seconds.

    `interrupted_by` is the number of the signal that ended it; `pipeline_id` is the same for all
    jobs of a pipeline. `partial` says that the gate ran only suites that had not passed before.
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
    partial: Partial | msgspec.UnsetType = msgspec.UNSET
    runs: tuple[SavedRun, ...]

    @property
    def start_time(self) -> datetime:
        """When the gate started; a time without a zone is UTC."""
        time = datetime.fromisoformat(self.started_at)
        return time if time.tzinfo else time.replace(tzinfo=UTC)


class _Head(Record):
    schema: int
    verdict: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    host: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def read_saved(body: bytes) -> SavedGate:
    """Read a `result.json`; raises `MalformedResult` if it is invalid."""
    try:
        refuse_deep(body)
        head = msgspec.json.decode(body, type=_Head)
        if head.verdict is msgspec.UNSET and head.host is not msgspec.UNSET:
            why = "it is a runs.json of gatekeeper start, whose runs no gate has judged"
            raise MalformedResult(f"{INVALID}: {why}")
        if head.schema != SCHEMA:
            raise MalformedResult(unsupported_schema(head.schema))
        saved = msgspec.json.decode(body, type=SavedGate)
        _ = saved.start_time
        refuse_repeated_names(body)
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise MalformedResult(f"{INVALID}: {one_line(str(error))}") from None
    if (shard := saved.shard) and not 1 <= shard.index <= shard.total <= MOST_SHARDS:
        raise MalformedResult(f"{INVALID}: invalid shard {shard}")
    if saved.interrupted_by is not None and saved.interrupted_by not in _SIGNALS:
        raise MalformedResult(f"{INVALID}: invalid signal {saved.interrupted_by}")
    if saved.partial and saved.partial.not_run < 1:
        raise MalformedResult(f"{INVALID}: invalid number of suites that were not run")
    for run in saved.runs:
        _refuse_invalid(run)
    return saved


class _Recognisable(Record):
    schema: int
    verdict: Outcome
    started_at: str
    runs: tuple[msgspec.Raw, ...]


def verdict_in(body: bytes) -> Outcome | None:
    """Return the verdict of a `result.json` of any schema; `None` if the text is none."""
    try:
        return msgspec.json.decode(body, type=_Recognisable).verdict
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def unsupported_schema(schema: int) -> str:
    """Return the message for a file of another schema."""
    return (
        f"schema {schema} is not supported, only {SCHEMA}: use the version of gatekeeper that "
        "wrote the file"
    )


def _refuse_invalid(run: SavedRun) -> None:
    """Raise `MalformedResult` for a run that no report could show."""
    name = one_line(run.test_suite)
    for attempt in (run, *run.earlier):
        if attempt.verdict not in _VERDICTS:
            raise MalformedResult(f"{INVALID}: run of {name}: invalid verdict: {attempt.verdict}")
        if [case.index for case in attempt.cases] != list(range(1, len(attempt.cases) + 1)):
            raise MalformedResult(f"{INVALID}: run of {name}: the cases are misnumbered")
