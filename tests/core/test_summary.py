"""The summary: complete failures within its limit, and a bot's text is never markup."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from gatekeeper.core.model import Gate, Pipeline, Reason, Run, Steps, Verdict
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
    assert "| step 2&#58; “one”<br>expected: It <del>is free</del>.<br>actual: It <ins>" in drawn
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
    assert first.startswith("| ⚠️ bad |")
    assert "more suites: see report.html" in drawn


def test_warnings_and_a_link_to_the_results_file_are_there() -> None:
    warned = Verdict(Outcome.PASSED, warnings=(Reason(Outcome.PASSED, "odd"),), steps=Steps(1, 1))
    run = replace(RUN, verdict=warned, results_url='https://bots.kore.ai/f?a="1"&b=<2>')
    drawn = summary(replace(GATE, runs=(run,)), COMMENT_BYTES, "report.html")
    assert "<details open><summary>1 warning</summary>\n\n- Booking, warning: odd\n" in drawn
    assert '<a href="https://bots.kore.ai/f?a=%221%22&amp;b=%3C2%3E">ctr-1</a>' in drawn
    assert "<a" not in summary(
        replace(GATE, runs=(replace(run, results_url="http://x.example/f"),)), 9_999, "report.html"
    )


def test_an_id_is_short_and_only_there_where_it_leads_somewhere() -> None:
    run_id = "ctr-5f2c0001-9a3b-4c1d-8e2f-7a6b5c4d3e2f"
    run = replace(RUN, test_run_id=run_id)
    assert "5c4d3e2f" not in summary(replace(GATE, runs=(run,)), COMMENT_BYTES, "report.html")
    linked = replace(run, results_url="https://bots.kore.ai/f")
    drawn = summary(replace(GATE, runs=(linked,)), COMMENT_BYTES, "report.html")
    assert '| ✅ Booking <a href="https://bots.kore.ai/f">…5c4d3e2f</a> |' in drawn
    assert run_id not in drawn


def test_twenty_suites_are_a_table_of_what_did_not_pass_and_a_fold() -> None:
    bad = replace(failing(mismatched("one", "It is free.", "It costs £5.")).runs[0], test_suite="C")
    error = Verdict(
        Outcome.ERROR, (Reason(Outcome.ERROR, "HTTP 401"),), next_step="check the client secret"
    )
    broken = replace(RUN, test_suite="B", verdict=error, duration=None)
    late = Verdict(Outcome.TIMEOUT, (Reason(Outcome.TIMEOUT, "the run did not end in time"),))
    known = Verdict(Outcome.TOLERATED, steps=Steps(2, 1, tolerated=1))
    flaky = replace(RUN, test_suite="Flaky", attempt=2, earlier=(bad,))
    runs = (
        *(replace(RUN, test_suite=f"good {number}") for number in range(15)),
        broken,
        replace(RUN, test_suite="T", verdict=known),
        bad,
        replace(RUN, test_suite="L", verdict=late),
        flaky,
    )
    pipeline = Pipeline("0123abc", "https://ci.example/jobs/1")
    gate = replace(GATE, runs=runs, pipeline=pipeline)
    drawn = summary(gate, COMMENT_BYTES, "report.html")
    head, _, rest = drawn.partition("<details>")
    assert '<a href="https://ci.example/jobs/1">Pipeline</a> · commit 0123abc' in head
    rows = [row for row in head.splitlines() if row.startswith("| ")][1:]
    assert [row.split()[1:3] for row in rows] == [["❌", "C"], ["⚠️", "B"], ["⏱️", "L"], ["🟡", "T"]]
    assert "HTTP 401<br>next&#58; check the client secret" in rows[1]
    assert rest.startswith("<summary>✅ 16 suites passed, 1 of them flaky</summary>")
    assert "| ✅ Flaky | 3 of 3 steps passed, flaky, attempt 2 of 2 | 14 s |" in rest
    # One suite's table has nothing to fold.
    assert "suites passed" not in summary(GATE, COMMENT_BYTES, "report.html")


def test_steps_that_were_not_executed_share_a_fold() -> None:
    stopped = [step(f"more {number}", status="notExecuted") for number in range(60)]
    gate = failing(mismatched("one", "a", "b"), *stopped)
    drawn = summary(gate, COMMENT_BYTES, "report.html")
    assert "<summary>- 60 steps not executed</summary>" in drawn
    assert drawn.count("<details") == 2
    assert "step 2&#58; more 0" in drawn
    assert "… and 10 more" in drawn


@pytest.mark.parametrize("prefix", ["", "word " * 400, "字" * 2_000])
def test_why_shows_the_place_where_texts_differ_however_long_they_are(prefix: str) -> None:
    expected, actual = f"{prefix}It is free. {prefix}", f"{prefix}It costs £5. {prefix}"
    drawn = summary(failing(mismatched("one", expected, actual)), COMMENT_BYTES, "report.html")
    [row] = [line for line in drawn.splitlines() if line.startswith("| ❌")]
    assert "<del>is free</del>" in row
    assert "<ins>costs £5</ins>" in row
    assert len(row) < 500


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
    assert row.count("|") == 5
    bare = re.sub(r"&#\d+;|<br>", "", row.strip("|"))
    assert not set(bare) & set("<>`*_[]\\@#!")
