"""Merges the gates of several jobs into one, with an error for each gap and each contradiction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from gatekeeper.core.model import Gate, Pipeline, Reason, Run, Shard, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.consistency import gate_inconsistencies
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import SavedGate
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.variants import with_variants
from gatekeeper.errors import ExitCode

_CHECK_THE_JOB = "check that the job ran to its end and that its reports were kept for this one"
_MERGE_ONE_PLAN = "merge the reports of all jobs of one plan, each of them once"
MERGE_THIS_PIPELINE = "merge only the reports of this pipeline's jobs, each from its own folder"
"""What to do about a file that does not belong to the merge."""


class JobReport(Record):
    """The gate of a job, and the path of its reports."""

    place: str
    gate: Gate

    @property
    def name(self) -> str:
        """The path, and the shard if the job states it."""
        return f"{self.place} (shard {self.gate.shard})" if self.gate.shard else self.place


def read_job_report(place: str, saved: SavedGate) -> tuple[JobReport, list[Run]]:
    """Return the report at a path, and an error for each reason not to rely on it."""
    return JobReport(place, gate_of(saved)), [unusable(place, why) for why in _defects(saved)]


def unusable(place: str, why: str) -> Run:
    """Return an error for a job's report that cannot be used."""
    return merge_error(place, why, _CHECK_THE_JOB)


def merge_error(name: str, what: str, next_step: str) -> Run:
    """Return a run without a verdict; it stands for what is wrong with the merge."""
    reason = Reason(Outcome.ERROR, what, firm=True)
    verdict = Verdict(Outcome.ERROR, (reason,), next_step=next_step)
    return Run(name, None, verdict, is_suite=False)


def merged(
    reports: Iterable[JobReport],
    errors: Iterable[Run],
    shards: int | None,
    pipeline: Pipeline,
    now: datetime,
) -> Gate:
    """Return one gate with the runs of all reports, followed by the errors of the merge.

    `shards` is the number of reports to expect, `pipeline` the one that merges them. `now` is when
    the gate started if there is no report.
    """
    ordered = sorted(
        reports, key=lambda report: report.gate.shard.index if report.gate.shard else 0
    )
    all_errors = (
        *errors,
        *_plan_errors(ordered, shards),
        *_duplicates(ordered),
        *_foreign_reports(ordered, pipeline),
    )
    return Gate(
        runs=(*with_variants(run for report in ordered for run in report.gate.runs), *all_errors),
        started_at=min((report.gate.started_at for report in ordered), default=now),
        duration=max((report.gate.duration for report in ordered), default=0.0),
        pipeline=pipeline,
    )


def _defects(saved: SavedGate) -> Iterator[str]:
    """Yield why a job's result is incomplete or inconsistent."""
    gate = gate_of(saved)
    if gate.interrupted_by is not None:
        yield f"the job was interrupted (exit code {saved.exit_code}), so its result is incomplete"
    if gate.misconfigured:
        yield f"the job's settings were invalid (exit code {saved.exit_code}), so it ran no suite"
    if saved.exit_code == ExitCode.REPORT_NOT_WRITTEN:
        lost = ", ".join(map(one_line, saved.unwritten)) or "the result does not say which one"
        yield f"the job could not write a report (exit code {saved.exit_code}): {lost}"
    if gate.partial:
        yield "the job ran only suites that had not passed before, so its result is partial"
    yield from gate_inconsistencies(saved)


def _plan_errors(reports: Sequence[JobReport], shards: int | None) -> Iterator[Run]:
    """Compare the reports with their plan: all of its shards, each of them once, and no others."""
    numbered = [(report, report.gate.shard) for report in reports if report.gate.shard]
    if not numbered:
        if shards is not None and len(reports) != shards:
            what = f"--shards is {shards}, but {len(reports)} reports can be read"
            yield merge_error("shards", what, _MERGE_ONE_PLAN)
        return
    for report in reports:
        if not report.gate.shard:
            what = "the result does not say which shard it is, but other results do"
            yield merge_error(report.place, what, _MERGE_ONE_PLAN)
    totals = sorted({shard.total for _, shard in numbered} | ({shards} if shards else set()))
    if len(totals) > 1:
        expected = f"; --shards is {shards}" if shards else ""
        names = ", ".join(report.name for report, _ in numbered)
        what = f"the reports are from different plans: {names}{expected}"
        yield merge_error("shards", what, _MERGE_ONE_PLAN)
        return
    by_index = defaultdict[int, list[JobReport]](list)
    for report, shard in numbered:
        by_index[shard.index].append(report)
    for index in range(1, totals[0] + 1):
        name = f"shard {Shard(index, totals[0])}"
        if not by_index[index]:
            yield merge_error(name, "there is no report of this shard", _CHECK_THE_JOB)
        elif len(by_index[index]) > 1:
            where = " and ".join(report.place for report in by_index[index])
            what = f"there is more than one report of this shard: {where}"
            yield merge_error(name, what, _MERGE_ONE_PLAN)


def _duplicates(reports: Sequence[JobReport]) -> Iterator[Run]:
    """Yield what would count twice: a run or earlier attempt, or a suite in two shards."""
    holders = defaultdict[str, list[JobReport]](list)
    suites: dict[tuple[str | None, ...], JobReport] = {}
    for report in reports:
        for run in report.gate.runs:
            for attempt in (run, *run.earlier):
                if attempt.test_run_id:
                    holders[attempt.test_run_id].append(report)
            if not run.test_run_id:
                # Without an id, only suite and language distinguish it from another run.
                holders[f"of {run.test_suite}, {run.language}, without an id"].append(report)
            if report.gate.shard:
                suite = (run.test_suite, run.stream_id, run.bot_version, run.language)
                first = suites.setdefault(suite, report)
                if first is not report:
                    what = f"the suite is in both {first.name} and {report.name}"
                    yield merge_error(run.test_suite, what, _MERGE_ONE_PLAN)
    for run_id, places in holders.items():
        if len(places) > 1:
            where = ", ".join(report.name for report in places)
            what = f"the run is reported {len(places)} times, but counts only once: {where}"
            yield merge_error(f"run {run_id}", what, _MERGE_ONE_PLAN)


def _foreign_reports(reports: Sequence[JobReport], own: Pipeline) -> Iterator[Run]:
    """Yield whether reports are of different commits or pipelines, or not of this job's."""
    origins = [(report.place, report.gate.pipeline) for report in reports]
    for what, values in mixed_origins(origins, own):
        text = f"the reports are not all from one {what}: {values}"
        yield merge_error(f"{what}s", text, MERGE_THIS_PIPELINE)


def mixed_origins(
    origins: Sequence[tuple[str, Pipeline]], own: Pipeline
) -> Iterator[tuple[str, str]]:
    """Yield `commit` and `pipeline` if files, given by their places, differ in it, with the values.

    They are compared with this job's `own` as far as both are known.
    """
    for what, field in (("commit", "commit"), ("pipeline", "id")):
        places = defaultdict[str | None, list[str]](list)
        for place, pipeline in origins:
            places[getattr(pipeline, field)].append(place)
        # If no file states it, there is nothing to compare with this job's.
        if not any(places):
            continue
        if known := getattr(own, field):
            places[printable(known)].append("this job")
        if len(places) > 1:
            yield (
                what,
                "; ".join(
                    f"{one_line(value) if value else 'unknown'} ({', '.join(names)})"
                    for value, names in places.items()
                ),
            )
