"""The reports of a gate: what renders each, and where it goes.

Each one imports what it needs when it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from gatekeeper.console import Console
from gatekeeper.core.model import Gate
from gatekeeper.core.reports.earlier import NOTHING_EARLIER, Earlier
from gatekeeper.core.wording.differences import Differences
from gatekeeper.errors import ReportNotWritten
from gatekeeper.files import write_atomically
from gatekeeper.platforms.base import Platform
from gatekeeper.platforms.outputs import outputs_of
from gatekeeper.settings.reporting import Reporting

_Render: TypeAlias = Callable[[Gate], Iterable[str] | Iterable[bytes]]


class Report(msgspec.Struct, frozen=True):
    """A report by its name, and how to write it; `path` is its file in the report folder.

    A report that is written `once` is not updated afterwards.
    """

    name: str
    write: Callable[[Gate], None]
    path: Path | None = None
    once: bool = False


class Compared(msgspec.Struct, frozen=True):
    """What a gate is compared with, once for all its reports: expectations, earlier results."""

    differences: Differences = Differences()
    earlier: Earlier = NOTHING_EARLIER


def reports_of(
    reporting: Reporting, platform: Platform, console: Console, compared: Compared
) -> Iterator[Report]:
    """Yield the requested reports, in the order in which they are written."""
    differences, earlier = compared.differences, compared.earlier

    def junit(gate: Gate) -> Iterable[str]:
        from gatekeeper.core.reports.junit import junit

        source_map = reporting.source_map if reporting.rich_junit else None
        return junit(gate, reporting.most_complete, differences, source_map)

    def page(gate: Gate) -> Iterable[str]:
        from gatekeeper.core.reports.page.document import page

        return page(gate, earlier, differences)

    def markdown(gate: Gate, *, for_job: bool) -> str:
        from gatekeeper.core.reports.summary import COMMENT_BYTES, JOB_BYTES

        return markdown_of(gate, reporting, compared)(JOB_BYTES if for_job else COMMENT_BYTES)

    renderings: dict[str, _Render] = {
        "junit": junit,
        "result": _result,
        "page": page,
        "summary": lambda gate: [markdown(gate, for_job=False)],
        "badge": _badge,
    }
    for name, render in renderings.items():
        if name in reporting.reports:
            yield _file(reporting, name, render)
    if "summary" in reporting.reports and platform.takes_summary:
        yield Report(
            "the job summary",
            lambda gate: platform.publish_summary(markdown(gate, for_job=True), console),
            once=True,
        )
    junit_path = reporting.junit if "junit" in reporting.reports else None
    yield Report(
        "the outputs",
        lambda gate: platform.publish_outputs(
            outputs_of(gate, junit_path, reporting.directory), console
        ),
    )


def markdown_of(gate: Gate, reporting: Reporting, compared: Compared) -> Callable[[int], str]:
    """Return what renders the summary in at most that many bytes."""
    from gatekeeper.core.reports.summary import summary

    return lambda limit: summary(
        gate, limit, reporting.fullest, compared.earlier, compared.differences
    )


def _file(reporting: Reporting, name: str, render: _Render) -> Report:
    path = reporting.files[name]

    def write(gate: Gate) -> None:
        if reporting.is_input_file(path):
            raise ReportNotWritten(f"{path} was not written: this gate reads it")
        # Earlier reports have been removed: a gate without a run replaces no other file.
        if gate.misconfigured and path.is_file():
            raise ReportNotWritten(f"{path} was not written: the file is not a gatekeeper report")
        write_atomically(path, render(gate), reporting.workspace)

    return Report(str(path), write, path)


def _result(gate: Gate) -> Iterable[bytes]:
    from gatekeeper.core.result_file.write import result_json

    return result_json(gate)


def _badge(gate: Gate) -> Iterable[str]:
    from gatekeeper.core.reports.badge import badge

    return [badge(gate)]
