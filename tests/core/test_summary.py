"""The summary: complete failures within its limit, and a bot's text is never markup."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from gatekeeper.core.model import Gate, Reason, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.summary import COMMENT_BYTES, summary
from support.builders import Json, finished, greeting, response, run_of, step, text

RUN = Run("Booking", "ctr-1", Verdict(Outcome.PASSED, steps=Steps(3, 3)), duration=14.4)
GATE = Gate((RUN,), datetime(2026, 5, 4, tzinfo=UTC), 16.4)


def failing(*steps: Json) -> Gate:
    return replace(GATE, runs=(run_of(finished(*steps, status="failed")),))


def mismatched(user: str, expected: str, actual: str) -> Json:
    """Build a step whose response is not the expected one."""
    reply = response(actual, text=text(expected, status="failed"))
    return step(user, reply, status="failed")


class Elements(HTMLParser):
    """Collects the elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(gate: Gate, limit: int = COMMENT_BYTES) -> Elements:
    """Render a summary as GitHub does: Markdown with HTML in it, tables, and bare links."""
    markdown = MarkdownIt("gfm-like", {"html": True, "linkify": False}).enable("table")
    return Elements(markdown.render(summary(gate, limit, "report.html")))


def test_each_failure_is_a_folded_transcript_with_its_differences_marked() -> None:
    drawn = summary(
        failing(greeting(), mismatched("one", "It is free.", "It costs £5.")),
        COMMENT_BYTES,
        "report.html",
    )
    assert "<details open><summary>✗ step 2 failed&#58; one</summary>" in drawn
    assert "It <del>is free</del>." in drawn
    assert "It <ins>costs £5</ins>." in drawn
    assert drawn.count("<details") == drawn.count("</details>") == 1


def test_what_passed_is_not_told_step_by_step() -> None:
    drawn = summary(GATE, COMMENT_BYTES, "report.html")
    assert "✅" in drawn
    assert "<details" not in drawn


@pytest.mark.parametrize("limit", [3000, 20_000, COMMENT_BYTES])
def test_failures_are_cut_whole_and_counted(limit: int) -> None:
    gate = failing(*(mismatched(f"input {number}", "a b", "a c " * 50) for number in range(300)))
    drawn = summary(gate, limit, "out/report.html")
    assert len(drawn.encode()) <= limit
    steps = drawn.count("<details")
    assert drawn.count("</pre>\n\n</details>") == steps < 300
    assert f"… and {300 - steps} more steps that did not pass" in drawn
    assert "out/report.html" in drawn


def test_many_runs_fit_as_well_and_the_worst_come_first() -> None:
    reason = Reason(Outcome.ERROR, "x" * 500)
    bad = replace(RUN, test_suite="bad", verdict=Verdict(Outcome.ERROR, (reason,) * 20))
    drawn = summary(replace(GATE, runs=(RUN, *[bad] * 500)), COMMENT_BYTES, "report.html")
    assert len(drawn.encode()) <= COMMENT_BYTES
    first, *_ = [line for line in drawn.splitlines() if line.startswith("| ")][1:]
    assert first.startswith("| bad | error |")
    assert "more runs: see report.html" in drawn


def test_warnings_and_the_results_file_are_told() -> None:
    warned = Verdict(Outcome.PASSED, warnings=(Reason(Outcome.PASSED, "odd"),), steps=Steps(1, 1))
    run = replace(RUN, verdict=warned, results_url='https://bots.kore.ai/f?a="1"&b=<2>')
    drawn = summary(replace(GATE, runs=(run,)), COMMENT_BYTES, "report.html")
    assert "- Booking, warning: odd" in drawn
    assert '<a href="https://bots.kore.ai/f?a=%221%22&amp;b=%3C2%3E">results file</a>' in drawn


HOSTILE = [
    "</pre></details><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[link](javascript:alert(1)) ![image](https://evil.example/x)",
    "@everyone #1 GH-1 www.evil.example https://evil.example",
    "| a | b |\n|---|---|\n```\ncode\n```\n# head\n- item\n> quote\n\n\n***",
    "&lt;b&gt; &#60;b&#62; <!-- comment",
    "\x1b]8;;https://evil.example\x1b\\click\u202e",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_of_a_bot_becomes_an_element_a_mention_or_a_link(hostile: str) -> None:
    harmless = rendered(failing(mismatched("x", "It is free.", "It costs £5.")))
    drawn = rendered(failing(mismatched(hostile, "It is free.", f"It costs £5.{hostile}")))
    marked = {"ins", "del"}
    assert set(drawn.names) - marked == set(harmless.names) - marked
    assert drawn.names.count("pre") == 1
    assert not re.search(r"@(?!\u2060)\w|(?<!&)#(?!\u2060)\d|www\.|:(?!\u2060)//", drawn.text)


@given(st.text(), st.text(), st.text())
def test_any_text_is_no_more_than_text(user: str, expected: str, actual: str) -> None:
    drawn = rendered(failing(mismatched(user, expected, actual)))
    allowed = {"h3", "table", "thead", "tbody", "tr", "th", "td", "br"}
    allowed |= {"p", "details", "summary", "pre", "del", "ins"}
    assert set(drawn.names) <= allowed
    assert drawn.names.count("details") == drawn.names.count("pre") == 1


@given(st.text(), st.text())
def test_a_bots_text_is_no_markup_in_the_table(suite: str, reason: str) -> None:
    verdict = Verdict(Outcome.FAILED, (Reason(Outcome.FAILED, reason),), steps=Steps(1))
    run = replace(RUN, test_suite=suite, verdict=verdict)
    lines = summary(replace(GATE, runs=(run,)), COMMENT_BYTES, "report.html")
    [row] = [line for line in lines.split("\n") if line.startswith("|")][2:]
    assert row.count("|") == 7
    bare = re.sub(r"&#\d+;|<br>", "", row.strip("|"))
    assert not set(bare) & set("<>`*_[]\\@#!")
