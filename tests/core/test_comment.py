"""The text of a comment: whose it is, how long, and what no platform may obey."""

import html
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import Gate, Reason, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.comment import (
    LIMIT,
    CommentKey,
    Marker,
    comment,
    comment_key,
    marker_in,
    pipeline_number,
)
from gatekeeper.core.reports.markdown import plain
from gatekeeper.core.reports.summary import summary

JOB = ("Tests", "conversations", "gate")
KEY = comment_key("", JOB, ["st-1"])
MARKER = Marker(KEY, 7)


def test_a_gate_has_the_same_key_in_every_run_and_in_any_order_of_its_streams() -> None:
    assert comment_key("", JOB, ["st-1", "st-2", "st-1"]) == comment_key("", JOB, ["st-2", "st-1"])


def test_gates_of_other_jobs_and_streams_have_other_keys() -> None:
    others = [
        comment_key("", ("Tests", "conversations", "second"), ["st-1"]),
        comment_key("", ("Tests", "smoke", "gate"), ["st-1"]),
        comment_key("", JOB, ["st-2"]),
        comment_key("", JOB, ["st-1", "st-2"]),
        comment_key("staging", JOB, ["st-1"]),
    ]
    assert len({KEY, *others}) == len(others) + 1
    assert not any(KEY.may_be(other) for other in others)


def test_a_label_names_the_gate_whatever_its_job_and_streams() -> None:
    assert comment_key("staging", JOB, ["st-1"]) == comment_key("staging", ("other",), [])


def test_a_gate_whose_settings_do_not_say_its_stream_may_be_any_of_its_job() -> None:
    unknown = comment_key("", JOB, [])
    assert unknown.may_be(KEY)
    assert KEY.may_be(unknown)
    assert not unknown.may_be(comment_key("", ("Tests", "smoke", "gate"), []))


@given(
    st.text(),
    st.lists(st.text(), max_size=3),
    st.lists(st.text(), max_size=3),
    st.integers(0, 10**18 - 1),
)
def test_the_marker_is_read_again_and_reveals_nothing(
    label: str, job: list[str], parts: list[str], number: int
) -> None:
    marker = Marker(comment_key(label, job, parts), number)
    assert marker_in(f"{marker}\nany text") == marker
    pattern = rf"<!-- gatekeeper [0-9a-f]{{16}} ([0-9a-f]{{16}}|unknown) {number} -->"
    assert re.fullmatch(pattern, str(marker))


@pytest.mark.parametrize(
    ("pipeline_id", "number"),
    [("github/team/bot/1658821493", 1658821493), ("jenkins/job/x7", 0), ("a/-7", 0), (None, 0)],
)
def test_the_number_of_a_pipeline_is_the_end_of_its_id(
    pipeline_id: str | None, number: int
) -> None:
    assert pipeline_number(pipeline_id) == number


def test_a_marker_that_is_not_at_the_start_is_a_quotation() -> None:
    unfinished = str(MARKER).replace("-->", "x")
    for body in (f"> {MARKER}", f"\n{MARKER}", f"see\n{MARKER}", "", unfinished):
        assert marker_in(body) is None


def test_the_label_is_shown_above_the_verdict_without_markup() -> None:
    body = comment(MARKER, "<b>staging</b>", lambda _: "### PASSED")
    assert body == f"{MARKER}\n**{plain('<b>staging</b>')}**\n\n### PASSED"


@given(st.lists(st.text(alphabet="/ \t\xa0a*", max_size=9), max_size=9))
def test_no_line_starts_with_a_slash_which_gitlab_would_obey(lines: list[str]) -> None:
    shown = plain("\n".join(lines))
    assert not any(line.strip().startswith("/") for line in shown.split("\n"))
    assert html.unescape(shown) == "\n".join(lines)


@pytest.mark.parametrize("reference", ["!5", "$5", "%5", '%"next"', "&5", "~bug", '~"a bug"'])
def test_no_text_is_a_reference_which_gitlab_would_note_where_it_leads(reference: str) -> None:
    shown = html.unescape(plain(f"see {reference} and 50 %, a & b"))
    assert shown == f"see {reference[0]}\N{WORD JOINER}{reference[1:]} and 50 %, a & b"


@pytest.mark.parametrize("reference", ["GH-5", "gl-5", "[issue:5]", "[work_item:a/b/5]"])
def test_no_text_is_one_of_the_longer_references(reference: str) -> None:
    start = re.match(r"\w+-|\[", reference)
    assert start
    shown = html.unescape(plain(f"see {reference}, HIGH-5 and [5]"))
    rest = reference.removeprefix(start[0])
    assert shown == f"see {start[0]}\N{WORD JOINER}{rest}, HIGH-5 and [5]"


@pytest.mark.parametrize("letter", ["/", "€", "😀", "*", "a"])
def test_it_is_never_longer_than_the_platforms_accept(letter: str) -> None:
    verdict = Verdict(Outcome.ERROR, (Reason(Outcome.ERROR, f" {letter}" * 2_000),))
    runs = tuple(Run(f"{letter} suite {number}", None, verdict) for number in range(200))
    gate = Gate(runs, datetime(2026, 5, 4, tzinfo=UTC), 1.0)
    body = comment(MARKER, letter * 100, lambda limit: summary(gate, limit, "report.html"))
    # The rows of the suites fill their share, which is half.
    assert LIMIT * 0.4 < len(body.encode()) <= LIMIT


def test_keys_of_any_two_parts_differ_from_those_of_one() -> None:
    assert comment_key("", ("a", "b"), []) != comment_key("", ("a b",), [])
    assert isinstance(KEY, CommentKey)
