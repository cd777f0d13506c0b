"""`runs.json`: the runs that `start` started, for a later gate to attach to.

Its writer and its reader share the schema below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from gatekeeper.core.answer.soundness import refuse_deep, refuse_repeated_names
from gatekeeper.core.model import Pipeline, Shard, StartedBy
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.failed_suites import listed
from gatekeeper.core.result_file.merging import mixed_origins
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.verdict.target import Target
from gatekeeper.core.versions import target_key
from gatekeeper.errors import MalformedResult

NAME = "runs.json"
SCHEMA = 1
INVALID = f"not a valid {NAME}"
NOT_YET = "gatekeeper start ended before it started this suite"
"""Why a suite has no run as long as `start` has not come to it."""
START_AGAIN = "run gatekeeper start again, and attach to what it writes then"
_Key: TypeAlias = tuple[str | None, ...]


class SavedStart(Record, kw_only=True):
    """A suite that `start` started, or did not: then `problem` and `next_step` say why.

    `started_at` is in ISO 8601.
    """

    test_suite: str
    stream_id: str
    language: str
    bot_version: str
    test_run_id: str | None = None
    started_at: str | None = None
    problem: str = ""
    next_step: str = ""

    @property
    def what_failed(self) -> str:
        """Say that the suite was not started, and why."""
        return f"gatekeeper start did not start this suite: {one_line(self.problem, 1000)}"


class SavedStarts(Record, kw_only=True):
    """What `start` started, and where; `started_at` is in ISO 8601.

    `pipeline_id` is the same for all jobs of a pipeline. The suites are those that were asked for.
    """

    schema: int
    started_at: str
    host: str
    shard: Shard | None = None
    commit: str | None = None
    pipeline_id: str | None = None
    pipeline_url: str | None = None
    runs: tuple[SavedStart, ...]

    def started_by(self, start: SavedStart) -> StartedBy | None:
        """Return when and by which job a run was started; `None` if it was not."""
        if not start.test_run_id:
            return None
        return StartedBy(start.started_at or self.started_at, self.pipeline_url)


class Origin(Record):
    """Where a gate runs: its host, its shard of a plan if it is one, and its job."""

    host: str
    shard: Shard | None
    job: Pipeline


def runs_json(starts: SavedStarts) -> bytes:
    """Render the file as indented JSON in UTF-8."""
    return msgspec.json.format(msgspec.json.encode(starts), indent=2) + b"\n"


class _Head(Record):
    schema: int
    verdict: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def read_starts(body: bytes) -> SavedStarts:
    """Read a `runs.json`; raises `MalformedResult` if it is invalid."""
    try:
        refuse_deep(body)
        head = msgspec.json.decode(body, type=_Head)
        if head.verdict is not msgspec.UNSET:
            raise MalformedResult(f"{INVALID}: it is a result.json, the report of a gate")
        if head.schema != SCHEMA:
            raise MalformedResult(
                f"schema {head.schema} is not supported, only {SCHEMA}: use the same version of "
                "gatekeeper to start and to attach"
            )
        starts = msgspec.json.decode(body, type=SavedStarts)
        refuse_repeated_names(body)
        for time in (starts.started_at, *(start.started_at for start in starts.runs)):
            _ = time and datetime.fromisoformat(time)
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise MalformedResult(f"{INVALID}: {one_line(str(error))}") from None
    for start in starts.runs:
        if bool(start.test_run_id) == bool(start.problem):
            name = _described(start)
            why = "needs either a test_run_id, or a problem that says why it has none"
            raise MalformedResult(f"{INVALID}: {name} {why}")
    return starts


def starts_of(
    starts: SavedStarts, targets: Sequence[Target]
) -> tuple[list[SavedStart | None], list[str]]:
    """Return the start of each suite of a gate, and why the file is not about just these suites.

    The gate must have every suite of the file, and the file every suite of the gate, each in the
    same stream, language and version: no verdict may be about less than was asked for.
    """
    found = {_key(start): start for start in starts.runs}
    wanted = {_key(target) for target in targets}
    missing = [_described(target) for target in targets if _key(target) not in found]
    more = [_described(start) for start in starts.runs if _key(start) not in wanted]
    problems = []
    if missing:
        problems.append(f"it lacks suites of this gate: {listed(missing)}")
    if more:
        problems.append(f"it has suites that this gate does not ask for: {listed(more)}")
    return [found.get(_key(target)) for target in targets], problems


def misuses(starts: SavedStarts, own: Origin) -> Iterator[str]:
    """Yield why a gate must not judge the runs of a file."""
    if not starts.runs:
        yield "it has no suites"
    if repeated := list(_repeated(starts)):
        yield f"it has the same run or suite more than once: {listed(repeated)}"
    if starts.host != own.host:
        yield f"its runs are on {one_line(starts.host)}, but this gate is for {one_line(own.host)}"
    if starts.shard != own.shard:
        yield f"it is of {_shard(starts.shard)}, but this gate is of {_shard(own.shard)}"
    if own.job.id and not starts.pipeline_id:
        yield f"it does not say which pipeline it is from; this job is of {one_line(own.job.id)}"
    origin = Pipeline(starts.commit, starts.pipeline_url, starts.pipeline_id)
    for what, values in mixed_origins([(NAME, origin)], own.job):
        yield f"it and this job are from different {what}s: {values}"


def _repeated(starts: SavedStarts) -> Iterator[str]:
    """Yield the run ids and the suites that a file has more than once."""
    run_ids = Counter(start.test_run_id for start in starts.runs if start.test_run_id)
    yield from (one_line(run_id) for run_id, count in run_ids.items() if count > 1)
    keys = Counter(map(_key, starts.runs))
    by_key = {_key(start): start for start in starts.runs}
    yield from (_described(by_key[key]) for key, count in keys.items() if count > 1)


def _shard(shard: Shard | None) -> str:
    return f"shard {shard}" if shard else "no shard"


def _key(suite: SavedStart | Target) -> _Key:
    return (
        printable(suite.test_suite),
        *target_key(suite.stream_id, suite.language, suite.bot_version),
    )


def _described(suite: SavedStart | Target) -> str:
    stream, language, version = target_key(suite.stream_id, suite.language, suite.bot_version)
    about = f"{language}, stream {stream}, version {version}"
    return f'"{one_line(suite.test_suite)}" ({about})'
