"""The page as text: its contents, what cannot get into it, and its size."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from msgspec.structs import replace

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.answer.shape import Execution, Result
from gatekeeper.core.model import Pipeline, Reason, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.page.document import page as pieces_of
from gatekeeper.core.reports.summary import COMMENT_BYTES, summary
from gatekeeper.core.result_file.trends import Trend, TrendPoint, Trends
from gatekeeper.core.wording.verdicts import OUTCOMES
from support.builders import finished, greeting, response, step, text
from support.pages import (
    GOLDEN,
    HOSTILE,
    drawn,
    every_outcome,
    everywhere,
    failing,
    gate_of,
    mixed,
    run_of,
    scenario_run,
    template,
)

VOID = {"meta", "input", "br", "path", "polyline", "circle"}
TIMED_OUT = Run(
    "Slow",
    "ctr-2",
    Verdict(
        Outcome.TIMEOUT,
        (Reason(Outcome.TIMEOUT, "the timeout came first"),),
        next_step="attach to it with test-run-id ctr-2",
    ),
)


class Balance(HTMLParser):
    """Fails on an element that is not closed; counts the elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        assert not {name for name in names if name == "style" or name.startswith("on")}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def elements(page: str) -> Counter[str]:
    balance = Balance()
    balance.feed(page)
    balance.close()
    assert balance.open == []
    return balance.elements


def seen(page: str, path: str) -> list[str]:
    """Return the text of the elements at a path, with whitespace folded."""
    found = html.fromstring(page).xpath(path)
    return [" ".join(" ".join(element.itertext()).split()) for element in found]


def step_of(page: str, anchor: str) -> Any:
    [found] = html.fromstring(page).xpath(f"//li[@id='{anchor}']")
    return found


@pytest.mark.parametrize("answer", GOLDEN, ids=lambda path: path.name.removesuffix(".answer.json"))
def test_every_step_is_there_with_its_input_and_its_outcome(answer: Path) -> None:
    run = run_of(answer.read_bytes())
    page = drawn(run)
    assert elements(page)["li"] > 0
    result = read_result(answer.read_bytes()).result
    assert result is not None
    for case, executed in zip(run.verdict.cases, result.execution_results or (), strict=True):
        content = step_of(page, f"run-1-step-{case.index}").text_content()
        assert executed.input in content
        assert OUTCOMES[case.outcome] in content
        for actual in executed.actual_output or ():
            assert actual.text.lstrip().startswith("{") or actual.text in content
        for reason in case.reasons:
            assert str(reason) in content


def test_one_suite_says_its_verdict_its_figures_and_its_ids_once() -> None:
    page = drawn(mixed())
    assert seen(page, "//h1") == ["✗ FAILED"]
    [details] = seen(page, "//p[@class='details']")
    assert details == "6 of 8 steps passed, 2 failed, 16 s"
    assert "6 of 8 steps" not in seen(page, "//main")[0]
    assert seen(page, "//h2") == ["What broke", "Conversation: Booking"]
    facts = seen(page, "//div[@class='about']/dl/div")
    assert facts == ["Duration 14 s", "Version published", "Language en", "Run id ctr-1 copy"]
    assert '<table class="runs"' not in page
    levels = [int(heading.tag[1]) for heading in html.fromstring(page).xpath("//h1|//h2|//h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_broke_comes_first_each_step_in_a_line_that_leads_to_it() -> None:
    page = drawn(*every_outcome())
    lines = seen(page, "//ul[@class='lines'][1]/li")
    compared = "expected Booked for two . actual Booked for one . +2 more reasons"
    table = "the user said a table for two"
    assert lines[:5] == [
        f"✗ failed: Stopped , step 3 {table} {compared}",
        f"✗ failed: Booking , step 1 {table} {compared}",
        f"✗ failed: Booking , step 3 {table} {compared}",
        "! could not be judged: Refused HTTP 401: invalid credentials",
        "! timed out: Late the run did not end within 30 min",
    ]
    # What is tolerated blocks nothing: it is folded, with the reason.
    [known] = seen(page, "//details[summary='1 tolerated']//li")
    assert known.endswith("known failure until 2030-01-31: BOT-1432")
    links = html.fromstring(page).xpath("//ul[@class='lines'][1]/li/a/@href")
    assert links[:3] == ["#run-6-step-3", "#run-10-step-1", "#run-10-step-3"]
    assert page.index("What broke") < page.index(">Suites<") < page.index('id="tools"')


def test_suites_are_a_table_with_the_worst_first_and_what_passed_folded() -> None:
    page = drawn(*every_outcome())
    failed, passed = html.fromstring(page).xpath("//table[@class='runs']")
    names = [" ".join(cell.text_content().split()) for cell in failed.xpath(".//tbody//th")]
    assert names == ["Stopped", "Booking", "Refused", "Late", "Known"]
    assert len(passed.xpath(".//tbody//th")) == 5
    [summary] = passed.xpath("ancestor::details/summary")
    assert summary.text_content() == "5 suites passed, 1 of them flaky"
    # No column is empty: there is no history.
    assert seen(page, "(//table[@class='runs'])[1]//th[@scope='col']") == [
        "Suite",
        "Verdict",
        "Steps",
        "Duration",
    ]
    # No second list repeats the table, and the conversations follow in the same order.
    sections = seen(page, "//section[contains(@class, 'conversation')]/h2")
    assert [name.split(": ")[1].split()[0] for name in sections[:5]] == names


def test_filters_count_what_the_headline_and_the_summary_count() -> None:
    runs = every_outcome()
    page = drawn(*runs)
    filters = seen(page, "//button[@data-show]")
    steps = gate_of(*runs).steps
    assert filters == [
        f"All {steps.total}",
        "Failed 3",
        "Not executed 2",
        "Tolerated 1",
        f"Passed {steps.passed}",
        # Two of these are of an earlier attempt.
        "Warnings 4",
    ]
    markdown = summary(gate_of(*runs), COMMENT_BYTES, "report.html")
    assert "<summary>4 warnings</summary>" in markdown
    assert f"({steps.passed} of {steps.total} steps)" in seen(page, "//p[@class='details']")[0]


def test_runs_of_passed_steps_fold_but_no_step_with_a_warning() -> None:
    page = drawn(mixed())
    folds = seen(page, "//li[@class='fold']/details/summary")
    # Steps 1 to 4: passed, with a warning, passed, failed.
    assert folds == ["✓ Steps 5\N{EN DASH}7 passed"]
    assert len(html.fromstring(page).xpath("//li[@class='fold']//li[@id]")) == 3
    assert not html.fromstring(page).xpath("//details[@open]/summary[contains(., 'passed')]")
    # Where everything passed, there is nothing else to see.
    good = html.fromstring(drawn(run_of(finished(greeting(), greeting()))))
    assert good.xpath("//li[@class='fold']/details[@open]")


def test_a_trend_is_a_labelled_chart_even_of_two_runs() -> None:
    points = (TrendPoint(Outcome.PASSED, 1.0, 12.0), TrendPoint(Outcome.FAILED, 0.5, 15.0))
    trends = Trends({("Booking", "en"): Trend(points)})
    page = drawn(mixed(), trends=trends)
    assert seen(page, "//figcaption") == ["Pass rate, last 2 runs", "Duration"]
    assert seen(page, "//p[@class='scale']") == ["100 % 0 %", "15 s 0 s"]
    bars, line = html.fromstring(page).xpath("//figure/svg")
    assert [rect.text_content() for rect in bars.xpath("./rect")] == [
        "passed, 100 % of the steps passed",
        "failed, 50 % of the steps passed",
    ]
    # They end at the right end of an axis with room for more.
    assert int(bars.get("width")) >= 100
    assert len(line.xpath("./circle")) == 2
    several = drawn(mixed(), TIMED_OUT, trends=trends)
    assert "Earlier runs" in seen(several, "//th[@scope='col']")


def test_many_failures_are_folded_after_the_first_and_bounded() -> None:
    page = drawn(run_of(finished(*[failing() for _ in range(300)], status="failed")))
    first, rest = html.fromstring(page).xpath("//ul[contains(@class, 'lines')]")
    assert len(first.xpath("./li")) == 10
    assert len(rest.xpath("./li")) == 190
    assert seen(page, "//details[@class='rest']/summary") == ["290 more"]
    assert seen(page, "//details[@class='rest']/p") == ["… and 100 more"]


def test_a_line_begins_where_texts_of_megabytes_differ() -> None:
    long = "word and " * 120_000
    hostile = step(
        "x", response(f"{long}one", text=text(f"{long}two", status="failed")), status="failed"
    )
    [line] = seen(drawn(run_of(finished(hostile, status="failed"))), "//li[@class='broken failed']")
    assert "two" in line
    assert "one" in line
    assert len(line) < 300


def test_the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else() -> None:
    page = drawn(mixed())
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))
    assert rules.keys() == {"default-src", "style-src", "script-src", "base-uri", "form-action"}
    for name, element in (("style-src", "style"), ("script-src", "script")):
        [embedded] = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = hashlib.sha256(embedded.encode()).digest()
        assert rules.pop(name) == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert set(rules.values()) == {"'none'"}


def test_a_failing_step_says_what_was_expected_and_answered_with_the_differences_marked() -> None:
    page = drawn(run_of(finished(failing(), status="failed")))
    assert seen(page, "//dl[@class='compared']/div") == [
        "expected Booked for two .",
        "or Done.",
        "actual Booked for one .",
    ]
    assert seen(page, "//dl//del") == ["two"]
    assert seen(page, "//dl//ins") == ["one"]
    assert seen(page, "//p[@class='flow']") == [
        "expected path: Welcome → Confirm",
        "actual path: Welcome → Answer",
    ]
    assert seen(page, "//p[@class='flow']/del") == ["Confirm"]
    assert seen(page, "//p[@class='flow']/ins") == ["Answer"]
    rows = seen(page, "//table[@class='compared']/tbody/tr")
    assert "session.guests 2 (not in the response)" in rows


def test_a_message_is_drawn_as_a_person_sees_it() -> None:
    message = template(
        text="Which one?",
        quick_replies=[{"title": "Both"}],
        elements=[{"title": "BA 117", "subtitle": "09:40", "buttons": [{"title": "Book"}]}],
    )
    page = drawn(run_of(finished(step("hello", response(message)))))
    assert seen(page, "//div[@class='bubble']/p[@class='text']") == ["Which one?"]
    assert seen(page, "//div[@class='bubble']/ul[@class='chips']/li") == ["Both"]
    assert seen(page, "//ul[@class='cards']/li/p") == ["BA 117", "09:40"]
    assert seen(page, "//ul[@class='cards']/li/ul[@class='chips']/li") == ["Book"]


def test_a_response_that_never_came_is_said_to_be_missing() -> None:
    silent = step("hello?", response("Hi!", text=text("Hi!", status="failed")), status="failed")
    silent["actualOutput"] = []
    page = drawn(run_of(finished(silent, status="failed")))
    [missing] = seen(page, "//li[@class='response wrong missing']")
    assert missing.startswith("response 1 is missing; expected: Hi!")


def test_particulars_of_any_shape_are_shown() -> None:
    odd = greeting() | {
        "intents": ["book", "greet"],
        "entities": {"city": ["Lisbon"]},
        "faqs": 7,
        "smalltalk": True,
        "event": {"name": "welcome"},
    }
    facts = seen(drawn(run_of(finished(odd))), "//details[@class='particulars']/dl/div")
    assert facts == [
        "request id ctr-1-0 copy",
        "NLP version v3",
        'event {"name": "welcome"}',
        "intents book, greet",
        'entities {"city": ["Lisbon"]}',
        "FAQs 7",
        "small talk true",
        "response 1 node Answer, transitions Welcome → Answer",
    ]


def test_the_raw_json_of_each_step_is_there_as_it_came() -> None:
    page = drawn(run_of(finished(greeting(), greeting() | {"new": {"x": 1e400}})))
    first, second = seen(page, "//details[@class='raw']/pre")
    assert first.startswith('{ "actualOutput": [ {')
    assert '"new"' in second


def test_no_raw_json_is_shown_of_steps_that_are_not_of_an_answer() -> None:
    run = run_of(finished(greeting(), greeting()))
    assert "<pre" in drawn(run)
    read_back = Result(result=Execution(execution_results=list(run.steps)))
    assert "<pre" not in drawn(replace(run, result=read_back))


def test_every_run_has_its_own_steps_and_a_row_in_the_table() -> None:
    page = drawn(mixed(), scenario_run("insurance-claim-stops"), TIMED_OUT)
    assert len(seen(page, "//table[@class='runs']/tbody/tr")) == 3
    assert seen(page, "//section[ol[@class='steps']]/h2") == [
        "Conversation: Booking ✗ failed",
        "Conversation: insurance-claim-stops ✗ failed",
    ]
    [jump] = html.fromstring(page).xpath("//p[@class='jump']/a")
    assert jump.get("href") == "#run-1-step-4"
    assert jump.text_content() == "Jump to the first failure: Booking, step 4"
    ids = html.fromstring(page).xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in html.fromstring(page).xpath("//a/@href") if link[0] == "#"} < set(
        ids
    )


def test_a_run_without_a_result_says_why_and_what_to_do_next() -> None:
    page = drawn(TIMED_OUT)
    elements(page)
    assert seen(page, "//h1") == ["! TIMEOUT"]
    assert seen(page, "//ul[@class='run-reasons']/li") == ["the timeout came first"]
    assert seen(page, "//p[@class='advice']") == ["next: attach to it with test-run-id ctr-2"]


def test_a_gate_without_a_run_is_a_page_as_well() -> None:
    page = drawn(interrupted_by=2, unwritten=("junit.xml: no space left",))
    elements(page)
    assert seen(page, "//h1") == ["! INTERRUPTED"]
    assert "No runs." in page
    assert "junit.xml: no space left" in page


def test_the_chart_merges_neighbours_and_says_what_it_shows() -> None:
    [chart] = html.fromstring(drawn(mixed())).xpath("//*[local-name()='svg']")
    stretches = "3 passed, 1 failed, 3 passed, 1 failed"
    assert chart.get("aria-label") == f"Steps in order: {stretches}"
    assert [rect.get("width") for rect in chart] == ["3", "1", "3", "1"]


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://ci.example/1", True),
        ("http://ci.example/1", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        (" https://ci.example", False),
        ('https://ci.example/"><b>', True),
    ],
)
def test_only_web_addresses_become_links(url: str, *, is_link: bool) -> None:
    page = drawn(mixed(), pipeline=Pipeline(None, url))
    outside = [link for link in html.fromstring(page).xpath("//a/@href") if link[0] != "#"]
    assert outside == ([url] if is_link else [])
    assert elements(page)["b"] == elements(drawn(mixed()))["b"]


def test_only_a_secure_address_leads_to_the_results_file() -> None:
    for url, is_link in (("https://x.example/f.json", True), ("http://x.example/f.json", False)):
        page = drawn(replace(TIMED_OUT, results_url=url))
        assert (url in html.fromstring(page).xpath("//a/@href")) is is_link


def test_hostile_text_adds_no_element_and_no_link() -> None:
    page = drawn(everywhere(HOSTILE))
    assert elements(page) == elements(drawn(everywhere("harmless, 9*9")))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", page)
    assert "{{ 7*7 }}" in page
    assert all(link[0] in "#h" for link in html.fromstring(page).xpath("//a/@href"))


# No blanks, because they decide which texts are long or empty.
@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_text_adds_an_element(anything: str) -> None:
    added = elements(drawn(everywhere(f"x{anything}x")))
    added.subtract(elements(drawn(everywhere("x"))))
    # The page adds elements to mark differences.
    assert {name for name, count in added.items() if count} <= {"del", "ins"}


@given(st.text())
@settings(max_examples=40, deadline=None)
def test_any_suite_name_and_any_input_make_a_sound_page(anything: str) -> None:
    elements(drawn(run_of(finished(step(anything, response(anything))), anything)))


def test_drawing_a_gate_twice_gives_the_same_page() -> None:
    assert drawn(mixed(), TIMED_OUT) == drawn(mixed(), TIMED_OUT)


def test_of_too_many_steps_those_that_did_not_pass_stay_and_the_rest_is_counted() -> None:
    steps = [greeting() for _ in range(2_500)]
    steps[2_400] = failing()
    page = drawn(run_of(finished(*steps, status="failed")))
    anchors = html.fromstring(page).xpath("//li[contains(@class, 'step ')]/@id")
    assert len(anchors) == 2_000
    assert anchors[-1] == "run-1-step-2401"
    assert anchors[:3] == ["run-1-step-1", "run-1-step-2", "run-1-step-3"]
    assert "500 steps are not shown here: 500 passed." in page


def test_texts_of_megabytes_are_cut_and_it_says_so() -> None:
    long = "word and " * 120_000
    hostile = step(
        long, response(long, text=text("short", long + "x", status="failed")), status="failed"
    )
    page = drawn(run_of(finished(hostile, status="failed")))
    assert "characters left out" in page
    assert len(page) < 500_000


def test_the_page_is_bounded_whatever_an_answer_has_many_of() -> None:
    many = template(
        quick_replies=[{"title": ""}] * 2_000, elements=[{"elements": [{"title": "deep"}]}] * 500
    )
    says = [response(many, text=text(*["a"] * 500, status="failed"))] * 100
    hostile = step("x", *says, status="failed")
    page = drawn(run_of(finished(*[hostile] * 3, status="failed")))
    assert len(page) < 2_000_000
    assert "more responses not shown" in page


def test_raw_json_goes_first_to_what_did_not_pass() -> None:
    steps = [greeting() | {"padding": "x" * 49_000} for _ in range(300)]
    steps[299] |= {"status": "failed"}
    page = drawn(run_of(finished(*steps, status="failed")))
    assert step_of(page, "run-1-step-300").xpath(".//pre")
    assert not step_of(page, "run-1-step-299").xpath(".//pre")
    assert "raw JSON not shown" in step_of(page, "run-1-step-299").text_content()
    assert len(page) < 10_000_000


def test_cards_within_cards_end_somewhere() -> None:
    deep: dict[str, Any] = {"title": "the innermost"}
    for _ in range(80):
        deep = {"title": "outer", "elements": [deep]}
    page = drawn(run_of(finished(step("hello", response(template(elements=[deep]))))))
    assert "the innermost" in page
    assert elements(page)["ul"] < 20


def test_a_gate_is_drawn_in_pieces() -> None:
    assert max(map(len, pieces_of(gate_of(mixed(400))))) < 200_000
