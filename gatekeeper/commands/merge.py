"""Joining the reports of several jobs to one verdict, which is never green when one is missing."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from gatekeeper.commands.early_end import concluded, refuse
from gatekeeper.commands.options import REPORTING, options
from gatekeeper.core.model import Gate, Pipeline, Reason, Run, Shard, Verdict, with_variants
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.consistency import gate_inconsistencies
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import MOST_SHARDS, SavedGate
from gatekeeper.core.text import one_line, printable
from gatekeeper.errors import ExitCode, GatekeeperError
from gatekeeper.files import same_file
from gatekeeper.platforms.ci_job import pipeline_of
from gatekeeper.result_files import NAME, find_reports, is_of_shard, read_result_file
from gatekeeper.settings.reporting import examine_reporting
from gatekeeper.signals import Signals

_LOOK_AT_THE_JOB = "see whether that job ran to its end and kept its reports for this one"
_JOIN_ONE_PLAN = "join the reports of all jobs of one plan, each once"
_CLEAR_IT_OUT = "join the reports of this pipeline's jobs alone, each from a folder of its own"


class _Part(msgspec.Struct, frozen=True):
    """A job's gate, and where its reports lie."""

    place: str
    gate: Gate

    @property
    def name(self) -> str:
        """The place, and which shard it is."""
        return f"{self.place} (shard {self.gate.shard})" if self.gate.shard else self.place


@click.command("merge")
@click.argument("places", nargs=-1, required=True, metavar="DIR…")
@click.option(
    "--shards",
    type=click.IntRange(1, MOST_SHARDS),
    metavar="N",
    help="Number of reports to expect, if they do not say so themselves.",
)
@options(*REPORTING)
@click.pass_obj
def command(
    signals: Signals, /, places: Sequence[str], shards: int | None, **flags: Any
) -> ExitCode:
    """Merge job reports into one verdict; a missing report is an error.

    DIR is a folder with a result.json, or one that holds such folders.
    """
    reader, reporting = examine_reporting(flags, os.environ, partial(inputs, places))
    if reader.problems:
        return refuse(reader.problems, reporting, os.environ, signals)
    return concluded(
        lambda: merge(places, shards, os.environ, reporting.directory),
        reporting,
        os.environ,
        signals,
    )


def inputs(places: Iterable[str], report_dir: Path) -> Iterator[tuple[str, Path]]:
    """Yield the results of other jobs, which this merge must not write over.

    What lies in the report folder, and is of no shard, is an earlier merge's own where nobody named
    it.
    """
    for place in places:
        file = Path(place) / NAME if Path(place).is_dir() else Path(place)
        if file.is_file():
            yield f"DIR {place}", file
        for folder in find_reports(Path(place)).folders:
            if is_of_shard(folder / NAME) or not same_file(folder, report_dir):
                yield f"DIR {place}", folder / NAME


def merge(
    places: Sequence[str], shards: int | None, environ: Mapping[str, str], report_dir: Path
) -> Gate:
    """Join the gates of report folders; `shards` is how many there have to be.

    Whatever is missing, or cannot be relied on, is a run of its own without a verdict: an earlier
    report in `report_dir`, where this one is to go, as well.
    """
    pipeline = pipeline_of(environ)
    parts: list[_Part] = []
    troubles: list[Run] = []
    for found in (find_reports(Path(place)) for place in places):
        troubles += (_trouble(str(path), what, _CLEAR_IT_OUT) for path, what in found.strays)
        for folder in found.folders:
            if _is_own(folder, report_dir):
                what = "the report of this merge goes there, so it is no part of what is joined"
                troubles.append(_trouble(str(folder), what, _CLEAR_IT_OUT))
                continue
            try:
                saved = read_result_file(folder)
            except GatekeeperError as error:
                troubles.append(_trouble(str(folder), error.what, _LOOK_AT_THE_JOB))
                continue
            parts.append(_Part(str(folder), gate_of(saved)))
            troubles += (_trouble(str(folder), what, _LOOK_AT_THE_JOB) for what in _doubts(saved))
    parts.sort(key=lambda part: part.gate.shard.index if part.gate.shard else 0)
    troubles += (*_of_the_plan(parts, shards), *_repeated(parts), *_mixed(parts, pipeline))
    return Gate(
        runs=(*with_variants(run for part in parts for run in part.gate.runs), *troubles),
        started_at=min((part.gate.started_at for part in parts), default=datetime.now(UTC)),
        duration=max((part.gate.duration for part in parts), default=0.0),
        pipeline=pipeline,
    )


def _is_own(place: Path, report_dir: Path) -> bool:
    """Whether what lies at a place is what the merge itself writes."""
    try:
        file = place / NAME if place.is_dir() else place
        return file.resolve() == (report_dir / NAME).resolve()
    except (OSError, ValueError, RuntimeError):
        # Why it cannot be found, reading it will tell.
        return False


def _trouble(name: str, what: str, advice: str) -> Run:
    reason = Reason(Outcome.ERROR, what, firm=True)
    return Run(name, None, Verdict(Outcome.ERROR, (reason,), next_step=advice))


def _doubts(saved: SavedGate) -> Iterator[str]:
    """Tell why a job's reports are no whole and sound account of what it was to do."""
    gate = gate_of(saved)
    if gate.interrupted_by is not None:
        yield f"that job was interrupted (exit code {saved.exit_code}): what it says is not whole"
    if gate.misconfigured:
        yield f"that job's settings were wrong (exit code {saved.exit_code}): it ran no suite"
    if saved.exit_code == ExitCode.REPORT_NOT_WRITTEN:
        lost = ", ".join(map(one_line, saved.unwritten)) or "which one, it does not say"
        yield f"that job could not write a report (exit code {saved.exit_code}): {lost}"
    yield from gate_inconsistencies(saved)


def _of_the_plan(parts: Sequence[_Part], shards: int | None) -> Iterator[Run]:
    """Hold the parts against the plan: every shard of it is there, once, and of no other plan."""
    told = [(part, part.gate.shard) for part in parts if part.gate.shard]
    if not told:
        if shards is not None and len(parts) != shards:
            what = f"--shards asks for {shards}, and there are {len(parts)} that can be read"
            yield _trouble("shards", what, _JOIN_ONE_PLAN)
        return
    for part in parts:
        if not part.gate.shard:
            what = "it does not say which shard it is, and what it is joined with does"
            yield _trouble(part.place, what, _JOIN_ONE_PLAN)
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
    """Tell what would count twice: a run, also as an earlier attempt, or a suite in two shards."""
    runs = defaultdict[str, list[_Part]](list)
    suites: dict[tuple[str | None, ...], _Part] = {}
    for part in parts:
        for run in part.gate.runs:
            for attempt in (run, *run.earlier):
                if attempt.test_run_id:
                    runs[attempt.test_run_id].append(part)
            if not run.test_run_id:
                # Without an id, only its suite and language can tell it from another run.
                runs[f"of {run.test_suite}, {run.language}, without an id"].append(part)
            if part.gate.shard:
                suite = (run.test_suite, run.stream_id, run.bot_version, run.language)
                other = suites.setdefault(suite, part)
                if other is not part:
                    what = f"it is in {other.name} and in {part.name}"
                    yield _trouble(run.test_suite, what, _JOIN_ONE_PLAN)
    for run_id, holders in runs.items():
        if len(holders) > 1:
            where = " and in ".join(part.name for part in holders)
            what = f"a run counts once, and it is there {len(holders)} times: in {where}"
            yield _trouble(f"run {run_id}", what, _JOIN_ONE_PLAN)


def _mixed(parts: Sequence[_Part], own: Pipeline) -> Iterator[Run]:
    """Tell which parts are of another commit or pipeline than the rest, or than this job."""
    for what, field in (("commit", "commit"), ("pipeline", "id")):
        holders = defaultdict[str | None, list[str]](list)
        for part in parts:
            holders[getattr(part.gate.pipeline, field)].append(part.place)
        # Where no part knows, there is nothing to hold against what this job knows.
        if not any(holders):
            continue
        if known := getattr(own, field):
            holders[printable(known)].append("this job")
        if len(holders) > 1:
            listed = (
                f"{one_line(value) if value else 'unknown'} ({', '.join(places)})"
                for value, places in holders.items()
            )
            text = f"what is joined is not of one {what}: {'; '.join(listed)}"
            yield _trouble(f"{what}s", text, _CLEAR_IT_OUT)
