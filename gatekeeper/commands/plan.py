"""Splits the suites across jobs, printed in the format of a CI platform."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from gatekeeper.commands.options import options
from gatekeeper.console import Console
from gatekeeper.core.model import Shard
from gatekeeper.core.result_file.schema import MOST_SHARDS, SavedGate
from gatekeeper.core.result_file.shards import (
    PlannedSuite,
    durations_of,
    split_suites,
    usual_duration,
)
from gatekeeper.core.text import one_line, seconds
from gatekeeper.errors import (
    ConfigurationError,
    ExitCode,
    GatekeeperError,
    ReportNotWritten,
    cause_of,
)
from gatekeeper.platforms import PLAN_FORMATS
from gatekeeper.platforms.base import Platform
from gatekeeper.platforms.gitlab import JOB_IMAGE, GitLab
from gatekeeper.result_files import find_reports, read_result_file
from gatekeeper.settings.config_file import read_config_file
from gatekeeper.settings.sources import Reader
from gatekeeper.settings.suites import chosen_suites
from gatekeeper.settings.variables import unread_variables


@click.command("plan")
@click.option(
    "--shards",
    type=click.IntRange(1, MOST_SHARDS),
    required=True,
    metavar="N",
    help="Number of jobs to split the suites across.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(PLAN_FORMATS)),
    default="github",
    show_default=True,
    help="Format to print: a job matrix, a child pipeline, or a list for parallel.",
)
@click.option(
    "--durations",
    multiple=True,
    metavar="PATH",
    help="Earlier result.json, or folder of them, to balance the jobs by. Repeatable.",
)
@click.option(
    "--image",
    metavar="NAME",
    help="Image of the jobs, with --format gitlab. By default, the image of this job.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Only list the suites of each job with their durations, for a person to read.",
)
@options("test-suite", "config", "tag")
def command(
    shards: int,
    form: str,
    durations: Sequence[str],
    image: str | None,
    *,
    dry_run: bool,
    **flags: Any,
) -> ExitCode:
    """Split the suites across several jobs of about the same duration.

    Prints the jobs in the format of a CI platform. On GitHub and Azure Pipelines, the matrix is
    also the step's output `matrix`.
    """
    environ: Mapping[str, str] = os.environ
    if image is not None:
        environ = {**environ, **_job_image(image, form)}
    suites, warnings = suites_to_plan(flags, os.environ)
    Console(sys.stderr).say_all(f"warning: {warning}" for warning in warnings)
    known = durations_of(_earlier(durations, Console(sys.stderr)))
    jobs = split_suites(suites, known, shards)
    platform = PLAN_FORMATS[form](environ)
    if not dry_run:
        return publish(platform.plan(jobs), platform)
    # Refuses what the platform cannot run, as it would without this flag.
    platform.plan(jobs)
    Console(sys.stdout).say_all(described(jobs, known))
    return ExitCode.PASSED


def _job_image(image: str, form: str) -> dict[str, str]:
    """Return the variable by which GitLab names a job's image, with this value.

    Raises `ConfigurationError` if it cannot be a name, or if jobs in this format name no image.
    """
    if form != GitLab.name:
        raise ConfigurationError(
            [f"--image: jobs in the format {form} do not name an image; use --format gitlab"]
        )
    if not image or not image.isprintable() or " " in image:
        raise ConfigurationError([f"--image: {image!r} is not the name of an image"])
    return {JOB_IMAGE: image}


def suites_to_plan(
    flags: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[list[PlannedSuite], list[str]]:
    """Return the suites to split: the given ones, or those of the configuration file; and warnings.

    Raises `ConfigurationError`, also if there is none.
    """
    reader = Reader(flags, environ)
    config = read_config_file(reader)
    for warning in unread_variables(environ, config.text):
        reader.warn(warning)
    if config.top:
        reader = reader.within(config.top)
    suites = chosen_suites(reader, config)
    reader.finish()
    return suites, reader.warnings


def described(
    jobs: Sequence[Sequence[PlannedSuite]], durations: Mapping[str, float]
) -> Iterator[str]:
    """Yield the suites of each job for a person; `durations` maps suite names to seconds.

    A suite without one counts as the median of the others.
    """
    names = {suite.name for job in jobs for suite in job}
    known = names & durations.keys()
    usual = usual_duration(durations.get(suite.name) for job in jobs for suite in job)
    for index, suites in enumerate(jobs, 1):
        count = "1 suite" if len(suites) == 1 else f"{len(suites)} suites"
        total = sum(durations.get(suite.name, usual) for suite in suites)
        about = f", {seconds(total)} in all" if known else ""
        yield f"shard {Shard(index, len(jobs))}: {count}{about}"
        for suite in suites:
            duration = durations.get(suite.name)
            text = "unknown" if duration is None else seconds(duration)
            yield f"  {text:>11}  {one_line(str(suite))}"
    if not known:
        yield "No duration is known: pass earlier results with --durations to balance the jobs."
    elif names - known:
        yield f"Suites of unknown duration count as the median of the others, {seconds(usual)}."


def publish(jobs: str, platform: Platform) -> ExitCode:
    """Print the jobs, and hand them over to the platform."""
    log = Console(sys.stderr)
    try:
        platform.publish_plan(jobs, log)
        # Without a buffer, so that a write error occurs here, and a signal can end the writing.
        with os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0) as out:
            rest = f"{jobs}\n".encode()
            while rest:
                rest = rest[out.write(rest) :]
    except (OSError, ReportNotWritten) as error:
        why = cause_of(error) if isinstance(error, OSError) else error.what
        log.say(f"gatekeeper: the plan could not be written: {why}")
        return ExitCode.REPORT_NOT_WRITTEN
    return ExitCode.PASSED


def _earlier(places: Sequence[str], log: Console) -> Iterator[SavedGate]:
    """Yield earlier results; one that cannot be read is a warning: it only improves the balance."""
    for folder in (folder for place in places for folder in find_reports(Path(place)).folders):
        try:
            yield read_result_file(folder)
        except GatekeeperError as error:
            log.say(f"warning: durations: {error.what}")
