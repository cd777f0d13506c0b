"""Imports what the reports need while a run is in progress, so that its end needs no file.

An upgrade, a cleaned checkout or a full table of files could otherwise cost an hour's run its
reports; and the end of the gate comes sooner.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

from gatekeeper.settings.reporting import Reporting

REPORT_MODULES = {
    "junit": "gatekeeper.core.reports.junit",
    "result": "gatekeeper.core.result_file.write",
    "page": "gatekeeper.core.reports.page.document",
    "summary": "gatekeeper.core.reports.summary",
    "badge": "gatekeeper.core.reports.badge",
}
"""The module of each report."""
# Standard modules that only some reports need, and that import others.
_SHARED = ("difflib", "statistics")
_OF_THE_COMMENT = (
    "gatekeeper.commands.comment",
    "gatekeeper.comments.github",
    "gatekeeper.comments.gitlab",
    "gatekeeper.comments.job_variables",
    REPORT_MODULES["summary"],
)
# The first request is under way by then; a run that ends sooner needs nothing in advance.
_DELAY_SECONDS = 0.25


@contextmanager
def loading_reports(reporting: Reporting) -> Iterator[None]:
    """Import what the reports need in the background, if this context lasts long enough."""
    comment = () if reporting.comment.is_never else _OF_THE_COMMENT
    timer = threading.Timer(_DELAY_SECONDS, _load, [reporting.reports, comment])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _load(reports: Iterable[str], comment: Iterable[str]) -> None:
    for name in (*_SHARED, *(REPORT_MODULES[report] for report in reports), *comment):
        # The report imports it again, and is then reported as one that could not be written.
        with suppress(Exception):
            import_module(name)
    if "page" in reports:
        from gatekeeper.core.reports.page.templates import load

        with suppress(Exception):
            load()
