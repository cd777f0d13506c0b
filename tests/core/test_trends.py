"""How suites ended before: in words, in the summary, and drawn on the page."""

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from msgspec.structs import replace

from gatekeeper.core.model import Gate, Steps
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.earlier import Earlier
from gatekeeper.core.reports.page.document import page
from gatekeeper.core.reports.summary import COMMENT_BYTES, summary
from gatekeeper.core.result_file.history import PastGate, PastRun, read_past
from gatekeeper.core.result_file.trends import MOST_GATES, Trend, Trends, latest, trends_of
from gatekeeper.core.result_file.write import result_json
from support.builders import finished, greeting, response, run_of, step, text

START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
FAILING = step("pay", response("No.", text=text("Yes.", status="failed")), status="failed")
PASSING = step("pay", response("Yes.", text=text("Yes.")))


def gate(*, passes: bool, day: int = 0, language: str = "en", duration: float = 14.0) -> Gate:
    """Make a gate whose second step passes or fails."""
    how = "passed" if passes else "failed"
    answer = finished(greeting(), PASSING if passes else FAILING, status=how)
    run = replace(run_of(answer, language=language), duration=duration)
    return Gate((run,), START + timedelta(days=day), 16.4)


def saved(one: Gate) -> PastGate:
    return read_past(b"".join(result_json(one)))


def history(ends: str) -> list[PastGate]:
    """Make earlier gates, one a day, that ended so: ✓ or ✗."""
    return [saved(gate(passes=end == "✓", day=day)) for day, end in enumerate(ends)]


NOW = gate(passes=False, day=90)
[RUN] = NOW.runs


def test_the_last_runs_are_said_in_a_line() -> None:
    trends = trends_of(history("✓✓✗✓"))
    assert str(trends.of(RUN)) == "last 4 runs: ✓✓✗✓, 87 % of steps passed on average, usually 14 s"
    assert str(trends_of(history("✓")).of(RUN)).startswith("last run: ✓, 100 % of steps passed")
    assert str(trends_of([]).of(RUN)) == ""


def test_a_step_that_failed_says_how_often_it_did_so_lately() -> None:
    first, second = RUN.verdict.cases
    trends = trends_of(history("✗" * 5 + "✓" * 7 + "✗" * 3))
    assert trends.of_step(RUN, second) == "failed in 3 of the last 10 runs"
    assert trends.of_step(RUN, first) == ""
    new = trends_of(history("✓✓"))
    assert new.of_step(RUN, second) == "failed in none of the last 2 runs"
    assert trends_of(history("✓")).of_step(RUN, second) == "did not fail in the last run"
    assert trends_of(history("✗")).of_step(RUN, second) == "failed in the last run"
    assert Trends().of_step(RUN, second) == ""


def test_a_step_that_is_new_says_nothing() -> None:
    told = PastGate(START, (PastRun("Booking", "en", Outcome.PASSED, Steps(), None),))
    assert trends_of([told]).of_step(RUN, RUN.verdict.cases[1]) == ""
    assert str(trends_of([told]).of(RUN)) == "last run: ✓"
    other = run_of(finished(FAILING | {"input": "other"}, status="failed"), language="en")
    assert trends_of(history("✓")).of_step(other, other.verdict.cases[0]) == ""


def test_a_step_put_in_front_changes_what_is_known_of_no_other() -> None:
    trends = trends_of(history("✗✓✗"))
    answer = finished(step("new", response("Yes.")), greeting(), FAILING, status="failed")
    run = run_of(answer, language="en")
    assert trends.of_step(run, run.verdict.cases[2]) == "failed in 2 of the last 3 runs"


def test_a_history_without_ids_is_known_by_its_names() -> None:
    document = json.loads(b"".join(result_json(NOW)))
    for case in document["runs"][0]["cases"]:
        del case["id"]
    trends = trends_of([read_past(json.dumps(document).encode())])
    assert trends.of_step(RUN, RUN.verdict.cases[1]) == "failed in the last run"


def past(verdict: Outcome = Outcome.PASSED, **fields: Any) -> PastRun:
    told: dict[str, Any] = {"steps": Steps(), "duration": None} | fields
    return PastRun("Booking", "en", verdict, **told)


def trend_of(*runs: PastRun) -> Trend:
    gates = [PastGate(START + timedelta(days=day), (run,)) for day, run in enumerate(runs)]
    return trends_of(gates).of(RUN)


@pytest.mark.parametrize(
    ("passed", "total", "rate"),
    [(0, 0, None), (1, 0, None), (0, 1, 0.0), (1, 4, 0.25), (4, 4, 1.0), (5, 4, 1.0), (-1, 4, 0.0)],
)
def test_a_pass_rate_is_between_none_and_all(passed: int, total: int, rate: float | None) -> None:
    [told] = trend_of(past(steps=Steps(total, passed))).runs
    assert told.pass_rate == rate


@pytest.mark.parametrize(
    ("duration", "told"),
    [(None, None), (0.0, None), (-1.0, None), (0.5, 0.5), (1e9 - 1, 1e9 - 1), (1e9, None)],
)
def test_a_duration_is_one_that_a_run_can_have(duration: float | None, told: float | None) -> None:
    [run] = trend_of(past(duration=duration)).runs
    assert run.duration == told


def test_the_last_ten_runs_are_told_of_and_the_others_are_kept() -> None:
    runs = [past(Outcome.FAILED, steps=Steps(1), duration=90.0, seen=("a",), failed=frozenset("a"))]
    runs += [past(steps=Steps(1, 1), duration=5.0, seen=("a",))] * 9
    trend = trend_of(*runs, past(Outcome.ERROR, seen=("a", "b"), failed=frozenset("b")))
    assert str(trend) == "last 10 runs: ✓✓✓✓✓✓✓✓✓!, 100 % of steps passed on average, usually 5 s"
    assert len(trend.runs) == 11
    assert (trend.seen, trend.failed) == ({"a": 10, "b": 1}, {"b": 1})


def test_a_rate_is_never_rounded_up_to_all() -> None:
    assert "99 % of steps passed" in str(trend_of(past(steps=Steps(1000, 999))))
    assert ", 0 % of steps passed" in str(trend_of(past(steps=Steps(1000, 9))))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_a_step_that_was_judged_and_did_not_pass_says_how_often_it_failed(
    outcome: Outcome,
) -> None:
    trends = trends_of(history("✗✗"))
    told = trends.of_step(RUN, replace(RUN.verdict.cases[1], outcome=outcome))
    assert bool(told) is (outcome not in (Outcome.PASSED, Outcome.SKIPPED))


def test_another_language_has_a_trend_of_its_own() -> None:
    trends = trends_of([saved(gate(passes=False, language="de"))])
    assert str(trends.of(RUN)) == ""


def test_the_latest_gates_count_whatever_their_order() -> None:
    gates = history("✓" * 20 + "✗" * 20)
    assert latest(reversed(gates)) == gates[-30:]
    assert len(trends_of(gates).of(RUN).runs) == MOST_GATES
    assert "✗✗✗✗✗✗✗✗✗✗" in str(trends_of(gates[::-1]).of(RUN))


def test_the_summary_says_both() -> None:
    trends = trends_of(history("✓✗"))
    drawn = summary(NOW, COMMENT_BYTES, "report.html", Earlier(trends))
    assert (
        "- Booking, last 2 runs&#58; ✓✗, 75 % of steps passed on average, usually 14 s\n" in drawn
    )
    assert "failed in 1 of the last 2 runs\n</pre>" in drawn
    assert "last " not in summary(NOW, COMMENT_BYTES, "report.html")


class Sound(HTMLParser):
    """Holds the page to its rules: no style and no script in an attribute, all elements closed."""

    def __init__(self, drawn: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(drawn)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {name for name, _ in attrs if name == "style" or name.startswith("on")}
        if tag not in {"meta", "input", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def charts(drawn: str) -> dict[str, Any]:
    """Return the drawings of the trends, by what they are called."""
    found = html.fromstring(drawn).xpath("//div[@class='trend']//*[local-name()='svg']")
    assert all(one.get("role") == "img" for one in found)
    return {one.get("aria-label"): one for one in found}


def test_the_page_draws_the_runs_and_says_in_words_what_it_draws() -> None:
    gates = [*history("✓✗"), saved(gate(passes=True, day=3, duration=20.0))]
    drawn = "".join(page(NOW, Earlier(trends_of(gates))))
    Sound(drawn)
    bars, times = charts(drawn).items()
    assert bars[0] == "Outcomes of earlier runs: 1 failed, 2 passed"
    columns = bars[1].xpath("*[local-name()='rect']")
    assert [(column.get("class"), column.get("height")) for column in columns] == [
        ("passed", "40"),
        ("failed", "20"),
        ("passed", "40"),
    ]
    assert times[0] == "Durations of earlier runs: 14 s to 20 s, most recently 20 s"
    [line] = times[1].xpath("*[local-name()='polyline']")
    assert len(line.get("points").split()) == 3
    assert "failed in 1 of the last 3 runs" in drawn
    assert "last 3 runs: ✓✗✓" in drawn


def test_without_a_history_the_page_is_what_it_was() -> None:
    drawn = "".join(page(NOW))
    assert charts(drawn) == {}
    assert "recently" not in re.sub(r"<style>.*?</style>", "", drawn, flags=re.DOTALL)


@pytest.mark.parametrize("steps", [{"total": -1}, {"total": 1, "passed": 9}, {}])
def test_whatever_a_file_counts_there_is_something_to_draw(steps: dict[str, int]) -> None:
    run = {"test_suite": "Booking", "language": "en", "verdict": "error", "steps": steps}
    told = {"schema": 1, "verdict": "error", "started_at": "2026-05-04T03:02:01Z", "duration": 1}
    runs = [run | {"duration": duration} for duration in (None, -5, 1e300)]
    read = read_past(json.dumps(told | {"runs": runs}).encode())
    drawn = "".join(page(NOW, Earlier(trends_of([read]))))
    Sound(drawn)
    for bar in html.fromstring(drawn).xpath("//div[@class='trend']//*[local-name()='rect']"):
        assert 0 < int(bar.get("height")) <= 40


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([one for one in Outcome if one is not Outcome.SKIPPED]),
            st.none() | st.floats(-10, 1e9),
        ),
        max_size=40,
    )
)
def test_any_history_makes_a_sound_page(ends: list[tuple[Outcome, float | None]]) -> None:
    runs = tuple(PastRun("Booking", "en", verdict, Steps(), duration) for verdict, duration in ends)
    trends = trends_of([PastGate(START, runs)])
    Sound("".join(page(NOW, Earlier(trends))))
    assert summary(NOW, COMMENT_BYTES, "report.html", Earlier(trends))
