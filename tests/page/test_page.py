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
from gatekeeper.core.wording.verdicts import OUTCOMES
from support.builders import finished, greeting, response, step, text
from support.pages import (
    GOLDEN,
    HOSTILE,
    drawn,
    everywhere,
    failing,
    gate_of,
    mixed,
    run_of,
    scenario_run,
    template,
)

VOID = {"meta", "input", "br", "rect"}
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


def test_the_verdict_is_the_heading_and_the_runs_have_their_figures() -> None:
    page = drawn(mixed())
    assert seen(page, "//h1") == ["✗ FAILED"]
    assert seen(page, "//header/p[@class='details']") == ["6 of 8 steps passed, 2 failed, 16 s"]
    [row] = seen(page, "//table[@class='runs']/tbody/tr")
    assert row == "Booking ✗ failed 6 2 0 0 0 14 s ctr-1 published en"
    levels = [int(heading.tag[1]) for heading in html.fromstring(page).xpath("//h1|//h2|//h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


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
    assert seen(page, "//ol[@class='steps']/..//h2") == [
        "Conversation: Booking",
        "Conversation: insurance-claim-stops",
    ]
    [jump] = html.fromstring(page).xpath("//p[@class='jump']/a/@href")
    assert jump == "#run-1-step-4"
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
