"""The last step of every gate: write the reports, publish to the CI platform, log the verdict."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from gatekeeper.commands.invocation import Invocation
from gatekeeper.commands.renderings import Compared, Report, markdown_of, reports_of
from gatekeeper.console import Console
from gatekeeper.core.masking import masked
from gatekeeper.core.model import Gate, with_label
from gatekeeper.core.reports import log
from gatekeeper.core.reports.earlier import NOTHING_EARLIER, Earlier
from gatekeeper.core.reports.events import gate_verdict
from gatekeeper.core.reports.junit_size import too_many_cases
from gatekeeper.core.result_file.changes import changes_of
from gatekeeper.core.result_file.trends import trends_of
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.errors import ExitCode, GatekeeperError, ReportNotWritten, internal_error
from gatekeeper.settings.reporting import Reporting

_NOT_COMPARED = Compared()


def finish(gate: Gate, reporting: Reporting, console: Console, invocation: Invocation) -> ExitCode:
    """Log the runs, write the reports, publish to the platform, and log the verdict.

    A report that cannot be written is logged and does not affect the others; the gate then fails
    if it has not failed already. A signal does not end any of this. All of it shows the gate with
    its texts masked.
    """
    gate = masked(with_label(gate, reporting.label), console.mask)
    for unread in reporting.unread:
        console.say(f"warning: history: {unread}")
    if reporting.left_out:
        console.inform(f"history: {reporting.left_out}")
    compared = Compared(_differences(gate, console), _earlier(gate, reporting, console))
    if "junit" in reporting.reports and (warning := too_many_cases(gate)):
        console.say(f"warning: {warning}")
    problem = _problem(
        "the log",
        lambda: console.say_all(
            log.runs(gate, reporting.fullest, compared.differences, brief=console.quiet)
        ),
    )
    gate, paths = publish(_with(gate, problem, console), reporting, console, invocation, compared)
    changed = compared.earlier.changes.sentence
    if console.quiet:
        console.say(log.verdict(gate))
    else:
        console.say_all(log.ending(gate, paths, reporting.fullest, changed))
    return gate.exit_code


def publish(
    gate: Gate,
    reporting: Reporting,
    console: Console,
    invocation: Invocation,
    compared: Compared = _NOT_COMPARED,
) -> tuple[Gate, list[str]]:
    """Write the reports and publish to the platform; log only the reports that fail.

    Returns the gate as the reports show it, and the paths of the written files. Its texts must be
    masked.
    """
    platform = invocation.platform
    annotate = partial(platform.annotate, gate, reporting.source_map, console)
    gate = _with(gate, _problem("the annotations", annotate), console)
    before = gate
    written: list[Report] = []
    for report in reports_of(reporting, platform, console, compared):
        problem = _problem(report.name, partial(report.write, gate))
        gate = _with(gate, problem, console)
        if not problem:
            written.append(report)
    if (received := invocation.signals.received) is not None:
        gate = replace(gate, interrupted_by=received)
    if gate != before:
        # Reports written before the failure or the signal show another exit code.
        for report in written:
            if not report.once:
                _problem(report.name, partial(report.write, gate))
    invocation.events.write_last(gate_verdict(gate), console)
    if not reporting.comment.is_never:
        _comment(gate, reporting, console, invocation, compared)
    return gate, [str(report.path) for report in written if report.path]


def _comment(
    gate: Gate,
    reporting: Reporting,
    console: Console,
    invocation: Invocation,
    compared: Compared,
) -> None:
    """Comment on the pull or merge request; a failure is logged and affects nothing else."""
    try:
        from gatekeeper.commands.comment import publish_comment

        publish_comment(
            gate, reporting, console, invocation, markdown_of(gate, reporting, compared)
        )
    except GatekeeperError as error:
        text = "; ".join(filter(None, (error.what, error.next_step)))
        console.say(f"warning: comment: {text}")
    except Exception as error:  # noqa: BLE001 - a bug in the comment must not cost the verdict
        console.say(f"warning: comment: {internal_error(error)}")


def _problem(name: str, write: Callable[[], None]) -> ReportNotWritten | None:
    """Write a report; return the error if that fails."""
    try:
        write()
    except ReportNotWritten as error:
        return error
    except Exception as error:  # noqa: BLE001 - a bug in one report must not cost the verdict
        return ReportNotWritten(f"{name} could not be created", next_step=internal_error(error))
    return None


def _differences(gate: Gate, console: Console) -> Differences:
    """Compare the texts of a gate for all its reports; without marks if that fails."""
    try:
        return differences_of(gate)
    except Exception as error:  # noqa: BLE001 - a bug in the marks must not cost the reports
        console.say(f"error: differences could not be marked; {internal_error(error)}")
        return Differences()


def _earlier(gate: Gate, reporting: Reporting, console: Console) -> Earlier:
    """Compare a gate with the earlier ones there are; with none if that fails."""
    try:
        changes = changes_of(gate, reporting.earlier_gates, console.mask)
        return Earlier(trends_of(reporting.history), changes)
    except Exception as error:  # noqa: BLE001 - a bug in comparing must not cost the reports
        console.say(f"error: earlier results could not be compared; {internal_error(error)}")
        return NOTHING_EARLIER


def _with(gate: Gate, problem: ReportNotWritten | None, console: Console) -> Gate:
    """Log a report's problem and return the gate with it; return the gate itself without one."""
    if problem is None:
        return gate
    console.say(f"error: {'; '.join(filter(None, (problem.what, problem.next_step)))}")
    return replace(gate, unwritten=(*gate.unwritten, console.mask(problem.what)))
