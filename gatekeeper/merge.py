"""Joining the reports of several jobs to one verdict, which is never green when one is missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gatekeeper.core.model import Gate, Reason, Run, Shard, Verdict, told_apart
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.restored import gate_of
from gatekeeper.core.saved import SavedGate
from gatekeeper.core.text import one_line
from gatekeeper.errors import ExitCode, GatekeeperError
from gatekeeper.platforms.pipeline import pipeline_of
from gatekeeper.results import read_result_file, report_folders

_LOOK_AT_THE_JOB = "see whether that job ran to its end and kept its reports for this one"
_JOIN_ONE_PLAN = "join the reports of all jobs of one plan, each once"
_COUNTED = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.SKIPPED,
    Outcome.TOLERATED,
)


class _Part(msgspec.Struct, frozen=True):
    """A job's gate, and where its reports lie."""

    place: str
    gate: Gate

    @property
    def name(self) -> str:
        """The place, and which shard it is."""
        return f"{self.place} (shard {self.gate.shard})" if self.gate.shard else self.place


def merge(places: Sequence[str], shards: int | None, environ: Mapping[str, str]) -> Gate:
    """Join the gates of report folders; `shards` is how many there have to be.

    Whatever is missing, or cannot be relied on, is a run of its own without a verdict.
    """
    parts: list[_Part] = []
    troubles: list[Run] = []
    for folder in (folder for place in places for folder in report_folders(Path(place))):
        try:
            saved = read_result_file(folder)
        except GatekeeperError as error:
            troubles.append(_trouble(str(folder), error.what, _LOOK_AT_THE_JOB))
            continue
        parts.append(_Part(str(folder), gate_of(saved)))
        troubles += (_trouble(str(folder), what, _LOOK_AT_THE_JOB) for what in _doubts(saved))
    parts.sort(key=lambda part: part.gate.shard.index if part.gate.shard else 0)
    troubles += (*_of_the_plan(parts, shards), *_repeated(parts))
    return Gate(
        runs=(*told_apart(run for part in parts for run in part.gate.runs), *troubles),
        started_at=min((part.gate.started_at for part in parts), default=datetime.now(UTC)),
        duration=max((part.gate.duration for part in parts), default=0.0),
        pipeline=pipeline_of(environ),
    )


def _trouble(name: str, what: str, advice: str) -> Run:
    reason = Reason(Outcome.ERROR, what, firm=True)
    return Run(name, None, Verdict(Outcome.ERROR, (reason,), next_step=advice))


def _doubts(saved: SavedGate) -> Iterator[str]:
    """Tell why a job's reports are no whole and sound account of what it was to do."""
    gate = gate_of(saved)
    if gate.interrupted_by is not None:
        yield f"that job was interrupted (exit code {saved.exit_code}): what it says is not whole"
    if saved.exit_code == ExitCode.REPORT_NOT_WRITTEN:
        lost = ", ".join(map(one_line, saved.unwritten)) or "which one, it does not say"
        yield f"that job could not write a report (exit code {saved.exit_code}): {lost}"
    if (saved.verdict, saved.exit_code) != (gate.outcome, gate.exit_code):
        yield (
            f"its verdict does not follow from its runs: it says {saved.verdict} with exit code "
            f"{saved.exit_code}, and they come to {gate.outcome} with {gate.exit_code.value}"
        )
    for run in gate.runs:
        if not _follows(run):
            about = one_line(run.test_suite)
            yield f"the verdict on {about} does not follow from its steps: {run.verdict.outcome}"


def _follows(run: Run) -> bool:
    """Whether a run's verdict can be that of its steps, and its counts are theirs."""
    verdict, steps = run.verdict, run.verdict.steps
    ended = Counter(case.outcome for case in verdict.cases)
    counts = {outcome: getattr(steps, outcome) for outcome in _COUNTED}
    if verdict.cases and (steps.total, counts) != (
        len(verdict.cases),
        {outcome: ended[outcome] for outcome in _COUNTED},
    ):
        return False
    green = verdict.outcome in (Outcome.PASSED, Outcome.TOLERATED)
    return not green or bool(
        steps.total and not steps.failed and not steps.error and not verdict.reasons
    )


def _of_the_plan(parts: Sequence[_Part], shards: int | None) -> Iterator[Run]:
    """Hold the parts against the plan: every shard of it is there, once, and of no other plan."""
    told = [(part, part.gate.shard) for part in parts if part.gate.shard]
    if not told:
        if shards is not None and len(parts) != shards:
            what = f"--shards asks for {shards}, and there are {len(parts)} that can be read"
            yield _trouble("shards", what, _JOIN_ONE_PLAN)
        return
    totals = sorted({shard.total for _, shard in told} | ({shards} if shards else set()))
    if len(totals) > 1:
        asked = f", and --shards asks for {shards}" if shards else ""
        names = ", ".join(part.name for part, _ in told)
        yield _trouble("shards", f"they are of different plans: {names}{asked}", _JOIN_ONE_PLAN)
        return
    by_index = defaultdict[int, list[_Part]](list)
    for part, shard in told:
        by_index[shard.index].append(part)
    for index in range(1, totals[0] + 1):
        name = f"shard {Shard(index, totals[0])}"
        if not by_index[index]:
            what = "there is no result of this shard among what is joined"
            yield _trouble(name, what, _LOOK_AT_THE_JOB)
        elif len(by_index[index]) > 1:
            where = " and ".join(part.place for part in by_index[index])
            yield _trouble(name, f"it is there more than once: {where}", _JOIN_ONE_PLAN)


def _repeated(parts: Sequence[_Part]) -> Iterator[Run]:
    """Tell what would count twice: a run in two parts, or a suite in two shards of a plan."""
    seen: dict[tuple[str | None, ...], _Part] = {}
    for part in parts:
        for run in part.gate.runs:
            key = _identity(run, part.gate)
            other = seen.setdefault(key, part) if key else part
            if other is not part:
                what = f"it is in {other.name} and in {part.name}"
                yield _trouble(run.test_suite, what, _JOIN_ONE_PLAN)


def _identity(run: Run, gate: Gate) -> tuple[str | None, ...] | None:
    """Say what may be only once in all parts together; nothing of what no part can tell."""
    if gate.shard:
        return run.test_suite, run.stream_id, run.bot_version, run.language
    return (run.test_run_id,) if run.test_run_id else None
