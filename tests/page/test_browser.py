"""The page in Chromium: what it does, and what it never does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, expect

from support.browser import Opener
from support.builders import finished
from support.http_server import QuietHandler, http_server
from support.pages import (
    HOSTILE,
    drawn,
    every_outcome,
    every_shape,
    everywhere,
    failing,
    mixed,
    run_of,
    scenario_run,
)
from support.program import ROOT

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ALL = [f"run-1-step-{number}" for number in range(1, 9)]
FOLDED = ALL[4:7]
IN_SIGHT = [step for step in ALL if step not in FOLDED]
FAILED = [ALL[3], ALL[7]]
WARNED = [ALL[1]]


def test_it_opens_with_passed_steps_folded_and_a_link_to_the_first_failure(opened: Opener) -> None:
    report = opened(mixed())
    report.shows(IN_SIGHT)
    report.page.get_by_role("link", name="Jump to the first failure: step 4").click()
    report.is_at("#run-1-step-4")
    expect(report.page.locator("#run-1-step-4:target")).to_be_visible()
    report.page.get_by_text("Steps 5\N{EN DASH}7 passed").click()
    report.shows(ALL)


@pytest.mark.parametrize("width", [1280, 980])
def test_what_broke_is_above_the_fold(opened: Opener, width: int) -> None:
    report = opened(*every_outcome(), viewport={"width": width, "height": 800})
    for locator in (report.page.locator("h1"), report.page.locator(".lines").first.locator("li")):
        for part in locator.all():
            expect(part).to_be_in_viewport(ratio=1)
    report.page.locator(".lines a").nth(1).click()
    report.is_at("#run-10-step-1")
    expect(report.page.locator(".current")).to_have_id("run-10-step-1")


def test_a_click_on_a_filter_shows_its_steps_and_the_address_keeps_it(opened: Opener) -> None:
    report = opened(mixed())
    report.page.get_by_role("button", name="Failed").click()
    report.shows(FAILED)
    report.is_at("#show=failed")
    report.says("2 of 8 steps shown")
    pressed = report.page.locator("button[data-show][aria-pressed=true]")
    expect(pressed).to_have_attribute("data-show", "failed")
    report.page.get_by_role("button", name="Warnings").click()
    report.shows(WARNED)
    report.page.get_by_role("button", name="Passed 6").click()
    report.shows([step for step in ALL if step not in FAILED])
    report.page.get_by_role("button", name="All").click()
    report.shows(IN_SIGHT)


def test_a_filter_acts_at_once(opened: Opener) -> None:
    """Nothing happens between the click and the look at the page."""
    report = opened(mixed())
    report.shows(IN_SIGHT)
    script = """() => {
        document.querySelector("button[data-show=failed]").click();
        const steps = [...document.querySelectorAll(".step")];
        return steps.filter((step) => step.checkVisibility()).map((step) => step.id);
    }"""
    assert report.page.evaluate(script) == FAILED


def test_headings_without_hits_are_hidden_and_nothing_matches_is_said(opened: Opener) -> None:
    report = opened(*every_outcome())
    headings = report.page.locator("h2.suite:visible .suite-name")
    report.page.get_by_role("button", name="Tolerated").click()
    expect(headings).to_have_text(["Known"])
    report.shows(["run-4-step-2"])
    report.page.get_by_role("button", name="Failed").click()
    expect(headings).to_have_text(["Stopped", "Booking"])
    report.page.locator("#search").fill("hello")
    expect(headings).to_have_count(0)
    expect(report.page.get_by_text("Nothing matches.")).to_be_visible()
    report.says("nothing matches")
    report.page.get_by_role("button", name="Show all steps").click()
    expect(headings).to_have_count(10)
    expect(report.page.get_by_text("Nothing matches.")).to_be_hidden()
    expect(report.page.locator("#search")).to_have_value("")
    # A suite's own warnings are among those that the button counts.
    report.page.get_by_role("button", name="Warnings").click()
    expect(headings).to_have_text(["Warned", "Flaky"])


def test_keys_go_to_what_blocks_before_what_is_tolerated(opened: Opener) -> None:
    report = opened(*every_outcome())
    current = report.page.locator(".current")
    blocking = ["run-6-step-3", "run-10-step-1", "run-10-step-3"]
    skipped = ["run-6-step-4", "run-6-step-5"]
    for visited in [*blocking, *skipped, "run-4-step-2"]:
        report.page.keyboard.press("n")
        expect(current).to_have_id(visited)
    report.page.keyboard.press("n")
    report.says("no later failure")
    report.page.keyboard.press("p")
    expect(current).to_have_id(skipped[-1])
    report.page.get_by_role("button", name="Tolerated").click()
    report.page.keyboard.press("n")
    expect(current).to_have_id("run-4-step-2")


NOTHING_COVERS = """step => {
    const { top, left } = step.getBoundingClientRect();
    const stuck = [...document.querySelectorAll("#tools, .suite")].filter((bar) => {
        const box = bar.getBoundingClientRect();
        return getComputedStyle(bar).position === "sticky" && box.top < top && box.bottom > 0;
    });
    const name = step.closest(".conversation").querySelector(".suite").getBoundingClientRect();
    return top >= 0 && top < innerHeight / 2 && name.top >= 0 && name.bottom <= top + 1
        && stuck.every((bar) => bar.getBoundingClientRect().bottom <= top + 1);
}"""


@pytest.mark.parametrize("width", [390, 980, 1280])
def test_after_a_jump_the_suites_name_is_in_sight_and_covers_nothing(
    opened: Opener, width: int
) -> None:
    report = opened(*every_outcome(), mixed(40), viewport={"width": width, "height": 800})
    for _ in range(6):
        report.page.keyboard.press("n")
        step = report.page.locator(".current")
        report.page.wait_for_function(NOTHING_COVERS, arg=step.element_handle())
    report.page.evaluate("location.hash = 'run-11-step-30'")
    step = report.page.locator("#run-11-step-30.current")
    report.page.wait_for_function(NOTHING_COVERS, arg=step.element_handle())
    report.page.evaluate("location.hash = 'run-6'")
    report.page.wait_for_function(
        "() => { const { top } = document.getElementById('run-6').getBoundingClientRect();"
        " return top >= 0 && top < 200; }"
    )


def test_the_search_opens_folds_and_closes_them_again(opened: Opener) -> None:
    report = opened(mixed())
    report.page.locator("#search").fill("hello")
    report.shows([step for step in ALL if step not in FAILED])
    report.page.locator("#search").fill("")
    report.shows(IN_SIGHT)
    report.page.get_by_role("button", name="Unfold passed").click()
    report.shows(ALL)
    report.page.locator("#search").fill("hello")
    report.page.locator("#search").fill("")
    report.shows(ALL)


def test_back_and_forward_go_through_the_filters(opened: Opener) -> None:
    report = opened(mixed())
    report.page.get_by_role("button", name="Failed").click()
    report.page.get_by_role("button", name="Warnings").click()
    report.page.go_back()
    report.shows(FAILED)
    report.page.go_back()
    report.shows(IN_SIGHT)
    report.page.go_forward()
    report.shows(FAILED)


def test_a_link_can_say_what_to_show(opened: Opener) -> None:
    opened(mixed(), fragment="#show=failed").shows(FAILED)
    opened(mixed(), fragment="#show=warnings").shows(WARNED)
    opened(mixed(), fragment="#show=constructor").shows(IN_SIGHT)
    opened(mixed(), fragment="#%zz").shows(IN_SIGHT)
    report = opened(mixed(), fragment=f"#{FOLDED[1]}")
    report.shows(ALL)
    expect(report.page.locator(".current")).to_have_id(FOLDED[1])


def test_the_search_keeps_the_steps_with_the_text_in_them(opened: Opener) -> None:
    report = opened(mixed())
    report.page.keyboard.press("/")
    report.page.keyboard.type("TABLE for two")
    report.shows(FAILED)
    report.says("2 of 8 steps shown")
    report.page.locator("#search").fill("ctr-1-8")
    report.shows([ALL[7]])
    report.page.keyboard.press("Escape")
    report.shows(IN_SIGHT)
    report.page.locator("#search").fill("textMismatch")
    report.shows([])


def test_keys_go_from_failure_to_failure(opened: Opener) -> None:
    report = opened(mixed())
    current = report.page.locator(".current")
    for key, visited in zip("njnpk", [ALL[3], ALL[7], ALL[7], ALL[3], ALL[3]], strict=True):
        report.page.keyboard.press(key)
        expect(current).to_have_id(visited)
    report.says("no earlier failure")
    expect(current.locator("h3:focus")).to_have_count(1)


def test_keys_are_letters_in_the_search(opened: Opener) -> None:
    report = opened(mixed())
    report.page.locator("#search").press_sequentially("np/jk")
    expect(report.page.locator("#search")).to_have_value("np/jk")
    expect(report.page.locator(".current")).to_have_count(0)


def test_a_link_to_a_step_shows_it_whatever_the_filter_says(opened: Opener) -> None:
    report = opened(mixed(400), fragment="#show=failed")
    report.page.evaluate("location.hash = 'run-1-step-201'")
    step = report.page.locator("#run-1-step-201.current")
    expect(step).to_be_visible()
    report.page.wait_for_function(
        "step => { const { top } = step.getBoundingClientRect(); return top >= 0 && top < 400; }",
        arg=step.element_handle(),
    )
    expect(report.page.locator("#run-1-step-202")).to_be_hidden()


def test_the_request_id_is_copied(opened: Opener) -> None:
    report = opened(mixed(), permissions=["clipboard-read", "clipboard-write"])
    button = report.page.get_by_role("button", name="Copy the request id of step 4")
    button.click()
    report.page.get_by_text("copied", exact=True).wait_for()
    assert report.page.evaluate("navigator.clipboard.readText()") == "ctr-1-4"


def test_the_run_id_is_short_and_copied_in_full(opened: Opener) -> None:
    run_id = "ctr-5f2c0001-9a3b-4c1d-8e2f-7a6b5c4d3e2f"
    permissions = ["clipboard-read", "clipboard-write"]
    report = opened(replace(mixed(), test_run_id=run_id), permissions=permissions)
    middle = report.page.locator(".id .middle")
    expect(middle).to_have_css("font-size", "0px")
    report.page.get_by_role("button", name="Copy the run id of Booking").click()
    report.page.get_by_text("copied", exact=True).wait_for()
    report.says("run id of Booking copied")
    assert report.page.evaluate("navigator.clipboard.readText()") == run_id
    report.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    report.page.get_by_role("button", name="Copy the request id of step 4").click()
    report.page.get_by_text("selected", exact=True).wait_for()
    bare = opened(replace(mixed(), test_run_id=run_id), java_script_enabled=False)
    expect(bare.page.get_by_text(run_id)).to_be_visible()


def test_the_request_id_is_selected_where_it_cannot_be_copied(opened: Opener) -> None:
    report = opened(mixed())
    report.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    report.page.get_by_role("button", name="Copy the request id of step 4").click()
    report.page.get_by_text("selected", exact=True).wait_for()
    assert report.page.evaluate("getSelection().toString()") == "ctr-1-4"


def test_hostile_text_is_shown_and_does_nothing(opened: Opener) -> None:
    report = opened(everywhere(HOSTILE))
    harmless = opened(everywhere("harmless, 9*9"))
    assert report.counts() == harmless.counts()
    user_text = report.page.locator(".user").inner_text()
    assert "<script>alert(1)</script>" in user_text
    assert "{{ 7*7 }}" in user_text
    assert report.page.locator("a[href^=javascript]").count() == 0
    # Everything that can be clicked or opened.
    report.page.evaluate(
        "for (const details of document.querySelectorAll('details')) details.open = true"
    )
    report.page.locator("#search").fill(HOSTILE[:60])
    report.shows(["run-1-step-1"])


def test_the_simulated_hostile_texts_do_nothing(opened: Opener) -> None:
    report = opened(scenario_run("hostile-text"))
    expect(report.page.locator(".step:visible")).to_have_count(8)
    assert report.page.locator("img, iframe, .bubble b").count() == 0


def test_arabic_is_read_from_right_to_left(opened: Opener) -> None:
    report = opened(scenario_run("hotel-arabic"))
    text = report.page.locator("#run-1-step-1 .bubble .text")
    assert text.evaluate("text => getComputedStyle(text).direction") == "rtl"


def test_without_scripts_everything_is_there_and_nothing_pretends(opened: Opener) -> None:
    report = opened(mixed(), java_script_enabled=False)
    report.shows(IN_SIGHT)
    report.page.get_by_text("Steps 5\N{EN DASH}7 passed").click()
    report.shows(ALL)
    for number in range(8):
        expect(report.page.locator(".talk").nth(number)).to_be_visible()
    expect(report.page.locator("button:visible, input:visible")).to_have_count(0)
    report.page.locator("#run-1-step-1 summary").first.click()
    expect(report.page.locator("#run-1-step-1 dl")).to_be_visible()


@contextmanager
def served(body: bytes, policy: str) -> Iterator[str]:
    """Serve a page on loopback under a policy, as Jenkins serves archived files."""

    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - the library's name
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with http_server(Handler) as host:
        yield f"{host}/report.html"


def test_it_is_readable_where_scripts_and_styles_are_forbidden(browser: Browser) -> None:
    body = drawn(mixed()).encode()
    with served(body, "sandbox; default-src 'none'") as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        for text in ("FAILED", "a table for two", "Booked for one.", "Booked for two."):
            expect(page.get_by_text(text).first).to_be_visible()
        expect(page.locator("button:visible, input:visible")).to_have_count(0)
        page.locator("#run-1-step-1 summary").first.click()
        expect(page.locator("#run-1-step-1 dl")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["failing", "hostile", "messages", "passing", "several"])
def test_axe_finds_nothing_wrong(opened: Opener, name: str, scheme: str) -> None:
    runs = {
        "failing": [mixed()],
        "hostile": [scenario_run("hostile-text")],
        "messages": [every_shape()],
        "passing": [scenario_run("banking-transfer")],
        "several": [*every_outcome(), scenario_run("insurance-claim-stops")],
    }[name]
    report = opened(*runs, color_scheme=scheme)
    report.page.evaluate(
        "for (const details of document.querySelectorAll('details')) details.open = true"
    )
    # Elements outside the viewport have to be rendered, or axe would skip them.
    rule = ".step, .fold { content-visibility: visible !important }"
    report.page.evaluate(
        "rule => { const s = document.styleSheets[0]; s.insertRule(rule, s.cssRules.length); }",
        rule,
    )
    report.page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = report.page.evaluate("axe.run().then(found => found.violations)")
    found = [
        (violation["id"], violation["impact"], violation["nodes"][0]["html"])
        for violation in violations
    ]
    assert found == [], json.dumps(violations, indent=1)[:5_000]


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_page_never_scrolls_sideways(opened: Opener, width: int) -> None:
    hostile = everywhere("unbroken" * 100)
    viewport = {"width": width, "height": 640}
    report = opened(mixed(), hostile, scenario_run("airline-rebooking"), viewport=viewport)
    report.page.evaluate(
        "for (const details of document.querySelectorAll('details')) details.open = true"
    )
    assert report.page.evaluate("document.documentElement.scrollWidth") <= width
    assert report.page.evaluate("document.body.scrollWidth") <= width


def test_on_paper_are_the_steps_that_the_page_shows_and_no_control(opened: Opener) -> None:
    report = opened(mixed())
    report.page.emulate_media(media="print")
    report.shows(IN_SIGHT)
    expect(report.page.get_by_text("Steps 5\N{EN DASH}7 passed")).to_be_visible()
    expect(report.page.locator("button:visible, input:visible")).to_have_count(0)
    report.page.emulate_media(media="screen")
    report.page.get_by_role("button", name="Failed").click()
    report.page.emulate_media(media="print")
    report.shows(FAILED)
    expect(report.page.get_by_text("Steps 5\N{EN DASH}7 passed")).to_be_hidden()


def test_many_steps_are_opened_and_filtered(
    opened: Opener, capsys: pytest.CaptureFixture[str]
) -> None:
    report = opened(mixed(2_000))
    begun = time.monotonic()
    report.go()
    loaded = time.monotonic() - begun
    filtered = report.page.evaluate(
        """async () => {
            const begun = performance.now();
            document.querySelector("button[data-show=failed]").click();
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            return (performance.now() - begun) / 1000;
        }"""
    )
    with capsys.disabled():
        # It is not asserted.
        print(f"\n2,000 steps: opened in {loaded:.2f} s, filtered in {filtered:.2f} s")  # noqa: T201
    report.says("500 of 2000 steps shown")
    report.page.locator("button[data-show=all]").click()
    report.page.locator("#search").fill("table")
    report.says("500 of 2000 steps shown")
    report.page.locator("#search").fill("")
    report.says("2000 of 2000 steps shown")


def test_a_step_far_down_is_scrolled_to(opened: Opener) -> None:
    steps = [failing() for _ in range(600)]
    report = opened(run_of(finished(*steps, status="failed")), fragment="#run-1-step-500")
    report.page.wait_for_function(
        "(() => { const { top } = document.getElementById('run-1-step-500')"
        ".getBoundingClientRect(); return top >= 0 && top < 400; })()"
    )
