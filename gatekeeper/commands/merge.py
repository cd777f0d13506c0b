"""Merges the reports of several jobs into one verdict, which never passes if one is missing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from gatekeeper.commands.early_end import refuse, run_and_finish
from gatekeeper.commands.invocation import read_invocation, with_events
from gatekeeper.commands.options import COMMENTING, REPORTING, options
from gatekeeper.core.model import Gate, Pipeline, Run
from gatekeeper.core.result_file.merging import (
    MERGE_THIS_PIPELINE,
    JobReport,
    merge_error,
    merged,
    read_job_report,
    unusable,
)
from gatekeeper.core.result_file.schema import MOST_SHARDS
from gatekeeper.errors import ExitCode, GatekeeperError
from gatekeeper.files import same_file
from gatekeeper.result_files import NAME, find_reports, is_of_shard, read_result_file
from gatekeeper.settings.reporting import examine_reporting
from gatekeeper.signals import Signals


@click.command("merge")
@click.argument("places", nargs=-1, required=True, metavar="DIR…")
@click.option(
    "--shards",
    type=click.IntRange(1, MOST_SHARDS),
    metavar="N",
    help="Number of reports to expect, if the reports do not say which shard they are.",
)
@options(*REPORTING, *COMMENTING)
@click.pass_obj
def command(
    signals: Signals, /, places: Sequence[str], shards: int | None, **flags: Any
) -> ExitCode:
    """Merge job reports into one verdict; a missing report is an error.

    DIR is a folder with a result.json, or a folder of such folders.
    """
    reader, reporting = examine_reporting(
        flags, os.environ, partial(inputs, places), comments_as="merge"
    )
    invocation = with_events(read_invocation(signals), reader, reporting)
    if reader.problems:
        return refuse(reader.problems, reporting, invocation, warnings=reader.warnings)
    pipeline = invocation.platform.job
    return run_and_finish(
        lambda: merge(places, shards, pipeline, reporting.directory),
        reporting,
        invocation,
        reader.warnings,
    )


def inputs(places: Iterable[str], report_dir: Path) -> Iterator[tuple[str, Path]]:
    """Yield the results of other jobs, which the merge must not overwrite.

    A result in the report folder that is not a shard's is an earlier merge's own, unless it was
    named explicitly.
    """
    for place in places:
        file = Path(place) / NAME if Path(place).is_dir() else Path(place)
        if file.is_file():
            yield f"DIR {place}", file
        for folder in find_reports(Path(place)).folders:
            if is_of_shard(folder / NAME) or not same_file(folder, report_dir):
                yield f"DIR {place}", folder / NAME


def merge(places: Sequence[str], shards: int | None, pipeline: Pipeline, report_dir: Path) -> Gate:
    """Merge the gates of report folders; `shards` is the number of reports to expect.

    A report that is missing or unreliable becomes an error, as does an earlier report in
    `report_dir`, where this merge writes its own.
    """
    reports: list[JobReport] = []
    errors: list[Run] = []
    for found in (find_reports(Path(place)) for place in places):
        errors += (merge_error(str(path), why, MERGE_THIS_PIPELINE) for path, why in found.strays)
        for folder in found.folders:
            if _is_own(folder, report_dir):
                why = "this merge writes its own report there, so it cannot be merged"
                errors.append(merge_error(str(folder), why, MERGE_THIS_PIPELINE))
                continue
            try:
                report, defects = read_job_report(str(folder), read_result_file(folder))
            except GatekeeperError as error:
                errors.append(unusable(str(folder), error.what))
                continue
            reports.append(report)
            errors += defects
    return merged(reports, errors, shards, pipeline, now=datetime.now(UTC))


def _is_own(place: Path, report_dir: Path) -> bool:
    """Return whether a path is that of the merge's own report."""
    try:
        file = place / NAME if place.is_dir() else place
        return file.resolve() == (report_dir / NAME).resolve()
    except (OSError, ValueError, RuntimeError):
        # Reading the file then fails with the cause.
        return False
