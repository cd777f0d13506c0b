"""The page in Chromium: what it does, and what it never does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from support.browser import Opener
from support.builders import finished
from support.pages import HOSTILE, drawn, everywhere, failing, mixed, run_of, scenario_run
from support.program import ROOT

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ALL = [f"run-1-step-{number}" for number in range(1, 9)]
FAILED = [ALL[3], ALL[7]]
WARNED = [ALL[1]]


def test_it_opens_with_every_step_and_a_link_to_the_first_failure(opened: Opener) -> None:
    report = opened(mixed())
    report.shows(ALL)
    report.page.get_by_role("link", name="first step that did not pass").click()
    report.is_at("#run-1-step-4")
    expect(report.page.locator("#run-1-step-4:target")).to_be_visible()


def test_a_click_on_a_filter_shows_its_steps_and_the_address_keeps_it(opened: Opener) -> None:
    report = opened(mixed())
    report.page.get_by_role("button", name="Not passed").click()
    report.shows(FAILED)
    report.is_at("#show=failed")
    report.says("2 of 8 steps shown")
    pressed = report.page.locator("[data-show][aria-pressed=true]")
    expect(pressed).to_have_attribute("data-show", "failed")
    report.page.get_by_role("button", name="Warnings").click()
    report.shows(WARNED)
    report.page.get_by_role("button", name="All").click()
    report.shows(ALL)


def test_back_and_forward_go_through_the_filters(opened: Opener) -> None:
    report = opened(mixed())
    report.page.get_by_role("button", name="Not passed").click()
    report.page.get_by_role("button", name="Warnings").click()
    report.page.go_back()
    report.shows(FAILED)
    report.page.go_back()
    report.shows(ALL)
    report.page.go_forward()
    report.shows(FAILED)


def test_a_link_can_say_what_to_show(opened: Opener) -> None:
    opened(mixed(), fragment="#show=failed").shows(FAILED)
    opened(mixed(), fragment="#show=warnings").shows(WARNED)
    opened(mixed(), fragment="#show=constructor").shows(ALL)
    opened(mixed(), fragment="#%zz").shows(ALL)


def test_the_search_keeps_the_steps_with_the_text_in_them(opened: Opener) -> None:
    report = opened(mixed())
    report.page.keyboard.press("/")
    report.page.keyboard.type("TABLE for two")
    report.shows(FAILED)
    report.says("2 of 8 steps shown")
    report.page.locator("#search").fill("ctr-1-8")
    report.shows([ALL[7]])
    report.page.keyboard.press("Escape")
    report.shows(ALL)
    report.page.locator("#search").fill("textMismatch")
    report.shows([])


def test_keys_go_from_failure_to_failure(opened: Opener) -> None:
    report = opened(mixed())
    current = report.page.locator(".current")
    for key, visited in zip("njnpk", [ALL[3], ALL[7], ALL[7], ALL[3], ALL[3]], strict=True):
        report.page.keyboard.press(key)
        expect(current).to_have_id(visited)
    report.says("no earlier step that did not pass")
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
    report.shows(ALL)
    for number in range(8):
        assert report.page.locator(".talk").nth(number).is_visible()
    expect(report.page.locator("button:visible, input:visible")).to_have_count(0)
    report.page.locator("#run-1-step-1 summary").first.click()
    expect(report.page.locator("#run-1-step-1 dl")).to_be_visible()


@contextmanager
def served(body: bytes, policy: str) -> Iterator[str]:
    """Serve a page on loopback under a policy, as Jenkins serves archived files."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/report.html"
        server.shutdown()
        thread.join()


def test_it_is_readable_where_scripts_and_styles_are_forbidden(browser: Browser) -> None:
    body = drawn(mixed()).encode()
    with served(body, "sandbox; default-src 'none'") as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        for text in ("FAILED", "a table for two", "Booked for one.", "Booked for two."):
            expect(page.get_by_text(text).first).to_be_visible()
        expect(page.locator("button:visible, input:visible")).to_have_count(0)
        page.locator("summary").first.click()
        expect(page.locator("#run-1-step-1 dl")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["failing", "hostile", "passing", "several"])
def test_axe_finds_nothing_wrong(opened: Opener, name: str, scheme: str) -> None:
    runs = {
        "failing": [mixed()],
        "hostile": [scenario_run("hostile-text")],
        "passing": [scenario_run("banking-transfer")],
        "several": [scenario_run("insurance-claim-stops"), scenario_run("not-evaluated")],
    }[name]
    report = opened(*runs, color_scheme=scheme)
    report.page.evaluate(
        "for (const details of document.querySelectorAll('details')) details.open = true"
    )
    # Elements outside the viewport have to be rendered, or axe would skip them.
    rule = ".step { content-visibility: visible !important }"
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


def test_on_paper_every_step_is_there_and_no_control(opened: Opener) -> None:
    report = opened(mixed(), fragment="#show=failed")
    report.shows(FAILED)
    report.page.emulate_media(media="print")
    report.shows(ALL)
    expect(report.page.locator("button:visible, input:visible")).to_have_count(0)


def test_many_steps_are_opened_and_sieved(
    opened: Opener, capsys: pytest.CaptureFixture[str]
) -> None:
    report = opened(mixed(2_000))
    begun = time.monotonic()
    report.go()
    loaded = time.monotonic() - begun
    with capsys.disabled():
        print(f"\n2,000 steps: opened in {loaded:.2f} s")  # noqa: T201 - it is not asserted
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
