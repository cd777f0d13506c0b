"""JUnit XML that every CI platform shows correctly, written case by case.

`junit-xml` models suites and cases. What its writer gets wrong about suites is put right here: an
attribute that strict schemas reject (`disabled`), unrounded or missing times, the root's counters,
and a document held in memory as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, islice
from xml.etree.ElementTree import Element

from junit_xml import TestSuite

from gatekeeper.core.model import Gate, Run
from gatekeeper.core.reports.junit_case import (
    ERROR,
    FAILURE,
    SKIPPED,
    Entry,
    attributes_xml,
    cases_xml,
    children_xml,
    time_text,
)
from gatekeeper.core.reports.junit_names import Name, names_of
from gatekeeper.core.reports.junit_run import run_entries, run_head
from gatekeeper.core.reports.junit_size import size_of_cases, within_limits
from gatekeeper.core.reports.junit_steps import step_entries, step_heads
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import as_text, one_line
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.core.wording.verdicts import attempt_of, left_out_by, start_of

_BATCH = 100
_ROOT_COUNTERS = ("tests", "failures", "errors")


def junit(
    gate: Gate,
    see: str = "result.json",
    differences: Differences | None = None,
    source_map: SourceMap | None = None,
) -> Iterator[str]:
    """Render the gate as JUnit XML, in pieces: a suite for each run, a case for each step.

    A case is named by its step's id, so that consumers recognise it in other runs, and cases follow
    the order of the conversation. The run has a case of its own before them, so that no consumer
    overlooks what concerns all of it, and no suite is empty. `see` is the file that has the texts
    which are cut here, to keep the file as small as consumers need it. Given a `source_map`, the
    cases have the file and the line of their step, which some consumers show and strict schemas
    refuse.
    """
    differences = differences or differences_of(gate)
    named = list(zip(gate.runs, names_of(gate.runs), strict=True))
    suites = [_counters(run, differences) for run in gate.runs]
    root = {
        "name": "gatekeeper",
        **{name: str(sum(int(suite[name]) for suite in suites)) for name in _ROOT_COUNTERS},
        "time": time_text(sum(run.duration or 0.0 for run in gate.runs)),
    }
    rest = sum(size_of_cases(run, name, source_map) for run, name in named)
    texts = within_limits(lambda: _texts(gate, differences), rest, see)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites{attributes_xml(root)}>\n"
    for number, ((run, name), counters) in enumerate(zip(named, suites, strict=True)):
        head = _suite_head(number, run, name.suite, gate)
        attributes = {k: v for k, v in head.attrib.items() if k != "disabled"} | counters
        yield f"<testsuite{attributes_xml(attributes)}>\n"
        yield children_xml(head)
        yield from _cases(run, name, differences, source_map, texts)
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def _entries(run: Run, differences: Differences) -> Iterator[tuple[Entry, ...]]:
    """Yield what each case of a run contains: first its own case, then those of its steps."""
    yield run_entries(run)
    yield from step_entries(run, differences)


def _texts(gate: Gate, differences: Differences) -> Iterator[str]:
    """Yield the texts of all cases, in their order in the file."""
    for run in gate.runs:
        for entries in _entries(run, differences):
            yield from (entry.text() for entry in entries)


def _cases(
    run: Run,
    name: Name,
    differences: Differences,
    source_map: SourceMap | None,
    texts: Iterator[str],
) -> Iterator[str]:
    """Yield a run's cases as XML, taking their texts from `texts`, which are cut as necessary."""
    heads = chain([run_head(run, name.run_class)], step_heads(run, name.step_class, source_map))
    contents = (
        [(entry, next(texts)) for entry in entries] for entries in _entries(run, differences)
    )
    cases = zip(heads, contents, strict=True)
    while batch := list(islice(cases, _BATCH)):
        yield cases_xml(batch)


def _counters(run: Run, differences: Differences) -> dict[str, str]:
    tags = Counter(entry.tag for entries in _entries(run, differences) for entry in entries)
    return {
        "tests": str(len(run.verdict.cases) + 1),
        "failures": str(tags[FAILURE]),
        "errors": str(tags[ERROR]),
        "skipped": str(tags[SKIPPED]),
        "time": time_text(run.duration or 0.0),
    }


def _suite_head(number: int, run: Run, name: str, gate: Gate) -> Element:
    """Return the suite's element without its cases: attributes and properties."""
    properties = {
        "label": run.label,
        "test-run-id": run.test_run_id,
        "stream-id": run.stream_id,
        "bot-version": run.bot_version,
        "bot-language": run.language,
        "attempt": attempt_of(run),
        "started": _started(run, gate),
        "started-by": start_of(run.started_by) if run.started_by else "",
        "verdict": run.verdict.outcome,
        "partial": left_out_by(gate.partial) if gate.partial else "",
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
