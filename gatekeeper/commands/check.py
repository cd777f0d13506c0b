"""Judges saved status responses, without a network."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from gatekeeper.commands.early_end import refuse, run_and_finish
from gatekeeper.commands.invocation import read_invocation, with_events
from gatekeeper.commands.options import POLICY, REPORTING, options
from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Gate, Pipeline, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.schema import verdict_in
from gatekeeper.core.verdict.judged_run import judged_run, malformed_run
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.run_ids import mark_shared_ids
from gatekeeper.core.verdict.target import Target
from gatekeeper.errors import EncodingError, ExitCode, MalformedResult, cause_of
from gatekeeper.files import read_file, same_file
from gatekeeper.settings.load import examine_check
from gatekeeper.settings.sources import Reader
from gatekeeper.signals import Signals
from gatekeeper.text_files import utf8


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@options("test-suite", *POLICY, *REPORTING)
@click.pass_obj
def command(signals: Signals, /, files: Sequence[str], **flags: Any) -> ExitCode:
    """Judge saved responses of the status endpoint, one run per FILE (- for standard input)."""
    reader, test_suite, policy, reporting = examine_check(flags, os.environ, files)
    responses = read_responses(files, test_suite, reader)
    invocation = with_events(read_invocation(signals), reader, reporting)
    if reader.problems:
        return refuse(reader.problems, reporting, invocation, warnings=reader.warnings)
    pipeline = invocation.platform.job
    return run_and_finish(
        lambda: check(responses, policy, pipeline), reporting, invocation, reader.warnings
    )


def check(responses: Iterable[tuple[str, bytes]], policy: Policy, pipeline: Pipeline) -> Gate:
    """Judge saved status responses, each given with the name of its suite."""
    now = datetime.now(UTC)
    runs = mark_shared_ids(_judged(name, body, policy, now.date()) for name, body in responses)
    # The runs have durations of their own; a second one, of the judging, would only confuse.
    return Gate(runs, now, 0.0, pipeline)


def _judged(test_suite: str, body: bytes, policy: Policy, today: date) -> Run:
    target = Target(test_suite)
    try:
        return judged_run(read_result(utf8(body)), target, policy, today)
    except EncodingError as error:
        return malformed_run(target, MalformedResult(f"malformed response: {error}"))
    except MalformedResult as error:
        return malformed_run(target, error)


def _own_report(file: str, verdict: Outcome) -> str:
    """Return what is wrong with a `result.json` in place of a response, and what to do."""
    what = (
        f"{'standard input' if file == '-' else file} is not a response of the status endpoint but "
        f"a result.json, the report of a gate with the verdict {verdict}: check judges the JSON "
        "that the status endpoint returned"
    )
    if file == "-":
        return what
    again = f"run gatekeeper merge {file} --report-dir DIRECTORY"
    return f"{what}. To write the reports of that gate again, {again}"


def read_responses(
    files: Iterable[str], test_suite: str, reader: Reader
) -> list[tuple[str, bytes]]:
    """Read saved responses, each with the name of its suite: `test_suite`, or else the file's.

    A file that cannot be read is a problem of the settings.
    """
    responses: list[tuple[str, bytes]] = []
    seen: list[Path] = []
    for file in files:
        reader.note_given(file)
        if any(same_file(Path(file), other) for other in seen):
            reader.note(f"{file} is given twice, but a run counts only once")
            continue
        seen.append(Path(file))
        name = "standard input" if file == "-" else Path(file).stem
        try:
            # `sys.stdin` is `None` if standard input is closed.
            body = read_file(Path(file)) if file != "-" else sys.stdin.buffer.read()
            if verdict := verdict_in(body):
                reader.note(_own_report(file, verdict))
            responses.append((test_suite or name, body))
        except (OSError, ValueError, AttributeError) as error:
            why = "it is closed" if isinstance(error, AttributeError) else cause_of(error)
            reader.note(f"{name} cannot be read: {why} ({file})")
    return responses
