"""Bots' messages in Chromium: every known shape is seen as a person in front of the bot sees it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from support.browser import Opened, Opener
from support.builders import finished, response, step
from support.pages import SHAPES, every_shape, message_of, run_of, template

pytestmark = pytest.mark.browser

CARDS = [{"title": f"Room {number}", "subtitle": "with a view of the sea"} for number in range(9)]
WIDE = template(
    template_type="table",
    columns=[[f"a long header {number}"] for number in range(9)],
    elements=[{"Values": [f"value {number}" for number in range(9)]}],
)


def every_shape_passing(opened: Opener, width: int = 1280) -> Opened:
    """Open a page on which each shape is a response."""
    steps = [step(shape, response(message_of(shape))) for shape in SHAPES]
    return opened(run_of(finished(*steps)), viewport={"width": width, "height": 900})


def bubble(report: Opened, number: int) -> Locator:
    """Return the response of a step."""
    found = report.page.locator(f"#run-1-step-{number} .bubble")
    found.scroll_into_view_if_needed()
    expect(found).to_be_visible()
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_what_a_person_sees_of_each_shape_is_on_the_page_and_nothing_else(
    opened: Opener, width: int
) -> None:
    report = every_shape_passing(opened, width)
    for number, (shape, facts) in enumerate(SHAPES.items(), 1):
        text = bubble(report, number).inner_text()
        at = 0
        for visible in facts["visible"]:
            found = text.find(visible, at if facts["ordered"] else 0)
            assert found >= 0, (shape, visible, text)
            at = found + len(visible)
        for hidden in facts["hidden"]:
            assert hidden not in text, (shape, hidden, text)


def test_the_changed_text_of_each_shape_is_marked(opened: Opener) -> None:
    report = opened(every_shape())
    for number, (shape, facts) in enumerate(SHAPES.items(), 1):
        notes = report.page.locator(f"#run-1-step-{number} .notes")
        notes.scroll_into_view_if_needed()
        expect(notes.locator("del, ins").first, shape).to_be_visible()
        before, after = (set(re.findall(r"\w+", change)) for change in facts["change"])
        for mark, words in (("del", before - after), ("ins", after - before)):
            marked = " ".join(notes.locator(mark).all_inner_texts())
            for word in words:
                assert word in marked, (shape, word, marked)


@pytest.mark.parametrize("width", [320, 390])
def test_every_shape_fits_into_a_phone(opened: Opener, width: int) -> None:
    wide = [step("wide", response(WIDE), response(template(elements=CARDS)))]
    viewport = {"width": width, "height": 844}
    report = opened(every_shape(), run_of(finished(*wide)), viewport=viewport)
    report.page.evaluate(
        "for (const details of document.querySelectorAll('details')) details.open = true"
    )
    expect(report.page.locator("details:not([open])")).to_have_count(0)
    report.page.wait_for_function(
        "width => document.documentElement.scrollWidth <= width"
        " && document.body.scrollWidth <= width",
        arg=width,
    )


@pytest.mark.parametrize(
    ("message", "row"),
    [(WIDE, ".table"), (template(template_type="carousel", elements=CARDS), ".carousel")],
)
def test_a_wide_table_and_a_carousel_scroll_sideways_with_the_keyboard(
    opened: Opener, message: str, row: str
) -> None:
    report = opened(
        run_of(finished(step("hello", response(message)))), viewport={"width": 390, "height": 844}
    )
    scrolled = report.page.locator(f".bubble {row}")
    scrolled.focus()
    expect(scrolled).to_be_focused()
    report.page.keyboard.press("ArrowRight")
    report.page.wait_for_function(
        "row => document.querySelector(row).scrollLeft > 0", arg=f".bubble {row}"
    )


def test_nothing_of_a_message_can_be_pressed_and_its_raw_json_is_there_on_demand(
    opened: Opener,
) -> None:
    report = opened(every_shape())
    expect(report.page.locator(".bubble :is(a, button, input, img, [onclick])")).to_have_count(0)
    raw = report.page.locator("#run-1-step-1 .raw").first
    expect(raw.locator("pre")).to_be_hidden()
    raw.locator("summary").focus()
    report.page.keyboard.press("Enter")
    expect(raw.locator("pre")).to_be_visible()
    expect(raw.locator("pre")).to_contain_text('"template_type"')


def test_on_paper_every_card_and_column_is_within_the_page(opened: Opener) -> None:
    carousel = template(template_type="carousel", elements=CARDS)
    report = opened(
        run_of(finished(step("hello", response(carousel), response(WIDE)))),
        viewport={"width": 700, "height": 900},
    )
    report.page.emulate_media(media="print")
    expect(report.page.locator(".carousel > li")).to_have_count(len(CARDS))
    expect(report.page.locator(".bubble th")).to_have_count(9)
    report.page.wait_for_function(
        "[...document.querySelectorAll('.carousel > li, .bubble th')]"
        ".every((part) => part.getBoundingClientRect().right <= innerWidth)"
    )
