"""JUnit XML that every CI platform shows correctly, written case by case.

`junit-xml` models cases and suites. This module corrects what its writer gets wrong: an attribute
that strict schemas reject (`disabled`), unrounded or missing times, the root's counters, characters
that XML forbids, and a document held in memory as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from xml.etree.ElementTree import Element, tostring
from xml.sax.saxutils import quoteattr

from junit_xml import TestCase, TestSuite

from gatekeeper.core.model import Case, Gate, Reason, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.junit_names import Name, names_of, undotted
from gatekeeper.core.reports.junit_size import size_of_cases, within_limits
from gatekeeper.core.text import as_text, one_line, printable
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.core.wording.failures import explained, headline
from gatekeeper.core.wording.steps import details_of, step_of, user_input
from gatekeeper.core.wording.styled import plain
from gatekeeper.core.wording.verdicts import OUTCOMES, attempt_of, reasons_of

_TEXT_LIMIT = 50_000
_BATCH = 100
_LONGEST_TIME = 1e9  # seconds; the sum of absurd durations could be infinite
_TWO_BRACKETS = re.compile(r"\[(?=\[)")
_RUN_CASE = "the run as a whole"


def junit(
    gate: Gate, see: str = "result.json", differences: Differences | None = None
) -> Iterator[str]:
    """Render the gate as JUnit XML, in pieces: a suite for each run, a case for each step.

    A case is named by its step's id, so that consumers recognise it in other runs, and cases follow
    the order of the conversation. What concerns the run as a whole is a case of its own, so that no
    consumer overlooks it and no suite is empty. `see` is the file that has the texts which are cut
    here, to keep the file as small as consumers need it.
    """
    differences = differences or differences_of(gate)
    names = names_of(gate.runs)
    suites = [_counters(run) for run in gate.runs]
    root = {
        "name": "gatekeeper",
        **{name: str(sum(int(suite[name]) for suite in suites)) for name in _ROOT_COUNTERS},
        "time": _time(sum(run.duration or 0.0 for run in gate.runs)),
    }
    rest = sum(
        size_of_cases(run, name.step_class) for run, name in zip(gate.runs, names, strict=True)
    )
    texts = within_limits(lambda: _texts(gate, differences), rest, see)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites{_attributes(root)}>\n"
    for number, (run, name, counters) in enumerate(zip(gate.runs, names, suites, strict=True)):
        head = _suite_head(number, run, name.suite, gate)
        attributes = {k: v for k, v in head.attrib.items() if k != "disabled"} | counters
        yield f"<testsuite{_attributes(attributes)}>\n"
        yield _written(head)
        cases = _cases(run, name, texts)
        while batch := list(islice(cases, _BATCH)):
            yield _written(TestSuite("", batch).build_xml_doc())
        yield "</testsuite>\n"
    yield "</testsuites>\n"


_ROOT_COUNTERS = ("tests", "failures", "errors")


def _written(parent: Element) -> str:
    """Serialise the children of an element, each on a line of its own.

    Characters that XML cannot hold are removed here, from every text.
    """
    bare = Element("_")
    for child in parent:
        for element in child.iter():
            element.attrib.update((key, printable(value)) for key, value in element.items())
            element.text = element.text and printable(element.text)
        child.tail = "\n"
        bare.append(child)
    return tostring(bare, encoding="unicode")[len("<_>") : -len("</_>")] if len(bare) else ""


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(printable(text))}" for name, text in attributes.items())


def _time(seconds: float) -> str:
    return f"{min(max(0.0, seconds), _LONGEST_TIME):.3f}"


def _counters(run: Run) -> dict[str, str]:
    kinds = [case.outcome for case in run.verdict.cases]
    if _has_run_case(run):
        kinds.append(_run_case_outcome(run))
    return {
        "tests": str(len(kinds)),
        "failures": str(kinds.count(Outcome.FAILED)),
        "errors": str(kinds.count(Outcome.ERROR)),
        "skipped": str(kinds.count(Outcome.SKIPPED) + kinds.count(Outcome.TOLERATED)),
        "time": _time(run.duration or 0.0),
    }


def _suite_head(number: int, run: Run, name: str, gate: Gate) -> Element:
    """Return the suite's element without its cases: attributes and properties."""
    properties = {
        "test-run-id": run.test_run_id,
        "stream-id": run.stream_id,
        "bot-version": run.bot_version,
        "bot-language": run.language,
        "attempt": attempt_of(run),
        "started": _started(run, gate),
        "verdict": run.verdict.outcome,
        "results-url": run.results_url,
        "commit": gate.pipeline.commit,
        "pipeline-url": gate.pipeline.url,
    }
    suite = TestSuite(
        name,
        id=str(number),
        timestamp=_started(run, gate),
        properties={name: one_line(value, 2000) for name, value in properties.items() if value},
    )
    head: Element = suite.build_xml_doc()
    return head


def _started(run: Run, gate: Gate) -> str:
    """Return when the run started, in UTC to the second; the schemas allow no time zone."""
    stated = run.result.result.start_time if run.result and run.result.result else None
    try:
        start = datetime.fromisoformat(as_text(stated))
        # Without a time zone it is UTC, not the zone of this machine.
        start = start.astimezone(UTC) if start.tzinfo else start
    except (ValueError, OverflowError):
        start = gate.started_at
    return start.replace(tzinfo=None).isoformat(timespec="seconds")


def _has_run_case(run: Run) -> bool:
    """Whether something concerns the run as a whole, or no step's case shows why it is red."""
    verdict = run.verdict
    has_red_case = any(case.outcome in (Outcome.FAILED, Outcome.ERROR) for case in verdict.cases)
    has_own = bool(verdict.reasons or run.earlier)
    return has_own or not verdict.cases or not (verdict.outcome.is_green or has_red_case)


def _run_case_outcome(run: Run) -> Outcome:
    verdict = run.verdict
    if verdict.outcome.is_green:
        return verdict.outcome
    has_failed_case = any(case.outcome is Outcome.FAILED for case in verdict.cases)
    has_failed_reason = any(reason.outcome is Outcome.FAILED for reason in verdict.reasons)
    if has_failed_reason or (verdict.outcome is Outcome.FAILED and not has_failed_case):
        return Outcome.FAILED
    return Outcome.ERROR


def _texts(gate: Gate, differences: Differences) -> Iterator[str]:
    """Yield the texts of the cases in the order in which `_cases` takes them.

    The text of a failure begins with its message, because GitLab shows only the text.
    """
    for run in gate.runs:
        verdict = run.verdict
        if _has_run_case(run):
            if _run_case_outcome(run) is not Outcome.PASSED:
                yield "\n".join(_run_reasons(run))
            if verdict.warnings:
                yield _warnings(verdict.warnings)
        for case in verdict.cases:
            if case.outcome is not Outcome.PASSED:
                message = _message(case, differences)
                yield "\n".join((message, *_step_body(run, case, differences)))
            if case.warnings:
                yield _warnings(case.warnings)


def _cases(run: Run, name: Name, texts: Iterator[str]) -> Iterator[TestCase]:
    if _has_run_case(run):
        yield _run_case(run, name.run_class, texts)
    for case in run.verdict.cases:
        step_case = TestCase(undotted(run.id_of(case)), name.step_class)
        if case.outcome is not Outcome.PASSED:
            _add(step_case, case.outcome, next(texts), _type(case))
        if case.warnings:
            step_case.stdout = next(texts)
        yield step_case


def _message(case: Case, differences: Differences) -> str:
    if not case.reasons:
        return OUTCOMES[case.outcome]
    return headline(case, differences)


def _type(case: Case) -> str:
    """Return the kind of the failure, dotted as consumers expect an exception's class."""
    first = case.reasons[0] if case.reasons else None
    if first and first.mismatch:
        return f"gatekeeper.assertion.{undotted(one_line(first.mismatch.kind, 200)) or 'unnamed'}"
    return f"gatekeeper.step.{first.check if first and first.check else case.outcome}"


def _run_case(run: Run, class_name: str, texts: Iterator[str]) -> TestCase:
    case = TestCase(_RUN_CASE, class_name)
    outcome = _run_case_outcome(run)
    if outcome is not Outcome.PASSED:
        _add(case, outcome, next(texts), f"gatekeeper.run.{run.verdict.outcome}")
    if run.verdict.warnings:
        case.stdout = next(texts)
    return case


def _run_reasons(run: Run) -> list[str]:
    """Return the reasons of a run's own case, the most important one first, in one line."""
    reasons = reasons_of(run.verdict)
    # A tolerated run may have no reasons left: its warnings say what failed.
    first = next(map(str, (*run.verdict.reasons, *reasons)), OUTCOMES[_run_case_outcome(run)])
    message = one_line(first, 300)
    return [message, *(reason for reason in reasons if reason != message)]


def _add(case: TestCase, outcome: Outcome, body: str, kind: str) -> None:
    # `junit-xml` omits an element without message and body.
    message = body.partition("\n")[0] or OUTCOMES[outcome]
    if outcome is Outcome.FAILED:
        case.add_failure_info(message, body, kind)
    elif outcome in (Outcome.SKIPPED, Outcome.TOLERATED):
        # Consumers show nothing else without turning red.
        case.add_skipped_info(message, body)
    else:
        case.add_error_info(message, body, kind)


def _step_body(run: Run, case: Case, differences: Differences) -> Iterator[str]:
    step = step_of(run, case)
    yield f"user said: {user_input(step, 1000)}"
    if case is differences.first_left_out:
        yield f"note: {differences.note}"
    for reason in case.reasons:
        yield from map(plain, explained(reason, _TEXT_LIMIT, differences, raw=True))
    if step is not None:
        yield from details_of(step)


def _warnings(warnings: tuple[Reason, ...]) -> str:
    # GitLab would attach the file that "[[ATTACHMENT|path]]" names.
    text = "\n".join(f"warning: {printable(str(warning))}" for warning in warnings)
    return _TWO_BRACKETS.sub("[ ", text)
