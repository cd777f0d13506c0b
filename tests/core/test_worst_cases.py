"""Patterns that read texts from outside take time in proportion to the text, not to its square."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from gatekeeper.core.answer.read import mentions_run
from gatekeeper.core.answer.states import normalized
from gatekeeper.core.message.markup import resolved
from gatekeeper.core.message.read import visible_text
from gatekeeper.core.model import Gate, Pipeline, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.summary import JOB_BYTES, summary
from gatekeeper.core.result_file.history import start_time_in
from gatekeeper.core.source_map import read_source_map
from gatekeeper.core.step_ids import ids_saved, text_in
from gatekeeper.core.text import inert, one_line, printable
from gatekeeper.core.wording.alike import excerpts, first_difference, raw_difference
from gatekeeper.core.wording.diff import closest, difference
from gatekeeper.core.wording.styled import explicit
from gatekeeper.errors import GatekeeperError
from gatekeeper.kore.error_responses import cause_of, error_text, is_rate_limit
from gatekeeper.redaction import Redactor
from gatekeeper.settings.lists import Suites
from gatekeeper.simulator.evaluation import matches

SIZE = 2_000_000
SECONDS = 3.0  # of processor time; what grows with the square would take minutes
REDACTOR = Redactor(["a secret of some length"])


def in_summary_of(text: str) -> str:
    run = Run(text, text, Verdict(Outcome.ERROR), results_url=text)
    gate = Gate((run,), datetime(2026, 5, 4, tzinfo=UTC), 1.0, Pipeline(text, text))
    return summary(gate, JOB_BYTES, "report.html")


def with_errors(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a function that reads a text which may be invalid."""

    def reading(text: str) -> None:
        with suppress(ValueError, GatekeeperError):
            read(text)

    return reading


CASES: tuple[tuple[Callable[[str], Any], tuple[str, ...]], ...] = (
    (printable, ("\x1b]", "\x1b[", "\x90", "\x9b0", "\x1b ", "\r", "\x00", "\ud800")),
    (inert, (" ", "\n ", "\t::", "::", "##[", "##vso[", "##teamcity[", "\n##")),
    (one_line, (" ", "\x1b]")),
    (REDACTOR.text, ("eyJ", "eyJa", "eyJaaa.", ".", "a secret of some lengt")),
    (lambda text: difference(f"a {text}", f"{text} a"), ("{{", "{{ a", "{", "!?", "お", "é ", " ")),
    (lambda text: closest([text, text], text), ("{{", "a ", "!?")),
    (visible_text, ('{"', "{", '{"text":', " ")),
    # As long as a message may be.
    (
        lambda text: visible_text(text[:499_999]),
        ('{"', '["', '{"a":{{', "```", '\\"', '{"text":""}'),
    ),
    (resolved, ("<a href=", "<br", "[a](", "[a](/", "&amp", "&#1", "<a ")),
    (explicit, (" ", "\u200b", "\x00")),
    (lambda text: first_difference(f"{text}a", f"{text}b"), ("{{", "{{x}}", "{{x}} a", "a")),
    (lambda text: first_difference(text, text[::-1]), ("{{x}}a", "a{{x}}bc", "{{x}}a{{y}}")),
    (lambda text: excerpts(text, text[:-1], 80), ("{{x}} ", " ", "\x00", "a")),
    (lambda text: raw_difference(text, text[1:]), ("{{x}} ", " ", "\x00", "ab")),
    (in_summary_of, ("www", "@", "`", "%", "https://", "http://")),
    (lambda text: mentions_run(text.encode()), ('"testRunId"', '"testRunId": ', " ")),
    (normalized, ("_-", "- ", "a-")),
    (text_in, ("0", "0 ")),
    (lambda text: ids_saved([(None, text)]), (" (1", " (", "1)", " (1)")),
    (lambda text: start_time_in(text.encode()), ('"started_at":"', '"started_at" ', "1")),
    (lambda text: cause_of(400, text), ("permission ", "user", "email")),
    (lambda text: error_text(text.encode()), ("{", '{"errors":', "\x1b]")),
    (is_rate_limit, ("exceeded the a", "exceeded the ", "a-")),
    (with_errors(Suites().from_text), ("=ctr-a", "= ", "=\u00a0ctr-")),
    (
        with_errors(partial(read_source_map, "suite.json")),
        ('"input":"', '"input" ', '"input":"\\\\'),
    ),
    (lambda text: matches(text, text[::-1]), ("{{x}}a", "{{", "a")),
    (lambda text: matches("{{x}}a" * 50, text), ("a", "b")),
)


@pytest.mark.parametrize(
    ("read", "part"),
    [
        pytest.param(read, part, id=f"{number}-{part!a}")
        for number, (read, parts) in enumerate(CASES)
        for part in parts
    ],
)
def test_two_megabytes_of_the_worst_text_are_read_in_time(
    read: Callable[[str], Any], part: str
) -> None:
    text = (part * (SIZE // len(part) + 1))[:SIZE]
    start = time.process_time()
    read(text)
    assert time.process_time() - start < SECONDS
