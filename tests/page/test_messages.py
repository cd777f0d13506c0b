"""A bot's message on the page: how it is drawn, and how much of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.core.message.blocks import (
    Block,
    Choices,
    Group,
    Media,
    Message,
    Rating,
    Table,
    Text,
)
from gatekeeper.core.reports.page.bars import bars
from gatekeeper.core.reports.page.messages import Part, drawing
from support.builders import finished, response, step
from support.pages import (
    HOSTILE,
    MESSAGES,
    SHAPES,
    compared_step,
    drawn,
    message_of,
    run_of,
    template,
)
from support.sound_html import elements, seen

EDGES = json.loads((MESSAGES / "edges.json").read_text(encoding="utf-8"))
BUBBLE = "//div[@class='bubble']"


def answered(*messages: str) -> str:
    """Return the page of a step with these responses."""
    return drawn(run_of(finished(step("hello", *map(response, messages)))))


def table(rows: int, columns: int = 3) -> str:
    return template(
        template_type="table",
        text="Accounts",
        columns=[[f"column {number}"] for number in range(columns)],
        elements=[{"Values": [f"{row}.{at}" for at in range(columns)]} for row in range(rows)],
    )


def test_a_table_has_its_headers_and_rows() -> None:
    page = answered(message_of("table"))
    assert seen(page, f"{BUBBLE}//thead//th[@scope='col']") == ["No", "Name", "Amount"]
    assert seen(page, f"{BUBBLE}//tbody/tr") == ["1 Savings 1,000", "2 Current 2,000"]


def test_a_table_of_500_rows_is_bounded_and_says_so() -> None:
    page = answered(table(500))
    rows = len(seen(page, f"{BUBBLE}//tbody/tr"))
    assert 20 <= rows <= 50
    assert seen(page, f"{BUBBLE}/p[@class='left-out']") == [f"… {500 - rows} more rows not shown"]


def test_a_table_of_many_columns_is_bounded_and_says_so() -> None:
    page = answered(table(2, columns=30))
    assert len(seen(page, f"{BUBBLE}//th")) == 20
    assert seen(page, f"{BUBBLE}/p[@class='left-out']") == ["… 10 more columns not shown"]


def test_a_chart_is_a_table_with_a_bar_for_each_value() -> None:
    page = answered(message_of("piechart"))
    assert seen(page, f"{BUBBLE}//tbody/tr") == ["Flights $ 1,234", "Hotels $ 568"]
    assert page.count('<rect width="100" height="1" />') == 1
    assert page.count('<rect width="46" height="1" />') == 1


@pytest.mark.parametrize(
    ("values", "lengths"),
    [
        (["$ 1,234.50", "$ 617.25"], [100, 50]),
        (["70%", "7 %"], [100, 10]),
        (["10 kW", "0 kW"], [100, 0]),
        (["12,345,678", "1"], [100, 0]),
        (["0", "0"], []),
        (["10 kW", "5 MW"], []),
        (["1.234 €", "500 €"], []),
        (["1,5", "1"], []),
        (["-3", "3"], []),
        (["Load", "3", ""], [None, 100, None]),
        (["Load", ""], []),
        (["1 of 2", "2 of 2"], []),
        (["9" * 400, "1"], []),
        ([], []),
    ],
)
def test_bars_are_drawn_of_values_of_one_unit_that_read_in_one_way(
    values: list[str], lengths: list[int]
) -> None:
    found = bars([("label", value) for value in values])
    assert [length for row in found for length in row[1:]] == lengths


def test_the_bars_of_a_chart_with_several_series_are_of_one_scale() -> None:
    assert bars([("a", "1", "2"), ("b", "4"), ("c",)]) == ((None, 25, 50), (None, 100), (None,))


def test_a_rating_is_drawn_with_stars_that_nobody_has_to_count() -> None:
    page = answered(message_of("feedback_star"))
    assert seen(page, f"{BUBBLE}/ul[@aria-label='Rating']/li") == ["★★★★★ 5", "★★★★ 4", "★ 1"]
    assert seen(page, f"{BUBBLE}//*[@class='stars'][@aria-hidden='true']")


@pytest.mark.parametrize(
    ("value", "stars"), [("10", 10), ("11", 1), ("0", 1), ("²", 1), ("9" * 5_000, 1), ("good", 1)]
)
def test_only_a_small_number_is_as_many_stars(value: str, stars: int) -> None:
    [part] = drawing(Message((Rating((value,)),)), 10_000).parts
    assert part.stars == (stars,)


def test_a_carousel_is_a_row_of_cards() -> None:
    page = answered(message_of("carousel"))
    cards = seen(page, f"{BUBBLE}/ul[@class='carousel']/li")
    assert len(cards) == 2
    assert cards[1].startswith("Room B")
    assert seen(page, f"{BUBBLE}/ul[@class='carousel']/li[2]//ul[@class='choices']/li") == [
        "Book B"
    ]


def test_of_many_cards_the_first_are_shown_and_the_rest_is_counted() -> None:
    cards = [{"title": f"Room {number}"} for number in range(200)]
    page = answered(template(template_type="carousel", elements=cards))
    assert len(seen(page, f"{BUBBLE}/ul[@class='carousel']/li")) == 50
    assert seen(page, f"{BUBBLE}/p[@class='left-out']") == ["… 150 more cards not shown"]


def test_a_picture_is_its_name_and_what_it_is() -> None:
    page = answered(message_of("slack_blocks"))
    assert seen(page, f"{BUBBLE}//p[@class='media']") == ["Photo of Ann (picture)"]


def test_nothing_that_a_bot_sent_can_be_pressed_or_followed() -> None:
    page = answered(*(message_of(shape) for shape in SHAPES))
    assert seen(page, f"{BUBBLE}//*[self::a or self::button or self::input or self::img]") == []


def test_html_and_markdown_are_shown_as_text() -> None:
    page = answered("**Hi** <b>Ann</b><br>[our site](https://x.example/a)")
    [text] = seen(page, f"{BUBBLE}/p[@class='text']")
    assert "**Hi** <b>Ann</b>" in text
    assert "our site" in text
    assert "https://x.example/a" in text


def test_the_raw_message_is_there_on_demand() -> None:
    page = answered("plain", message_of("button"))
    [raw] = seen(page, "//details[@class='raw'][not(@open)][contains(., 'of response 2')]/pre")
    assert json.loads(raw) == json.loads(message_of("button"))


@pytest.mark.parametrize("shape", SHAPES)
def test_hostile_texts_in_a_message_add_no_element(shape: str) -> None:
    def hostile(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {key: hostile(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [hostile(item, key) for item in value]
        is_text = isinstance(value, str) and not key.endswith("type") and key != "verb"
        return value + HOSTILE if is_text else value

    page = answered(json.dumps(hostile(json.loads(message_of(shape)))))
    plain = answered(message_of(shape))
    assert elements(page).keys() <= elements(plain).keys() | {"ul", "li", "p", "span"}
    assert not any("alert" in name for name in elements(page))


def test_a_text_of_megabytes_leaves_room_for_the_choices_after_it() -> None:
    message = template(text="word and " * 50_000, quick_replies=[{"title": "Yes"}])
    page = answered(message)
    assert seen(page, f"{BUBBLE}/ul[@class='choices']/li") == ["Yes"]
    assert "characters left out" in page
    assert len(page) < 200_000


BIG: dict[str, Any] = {
    "labels": {"quick_replies": [{"title": f"choice {number}"} for number in range(20_000)]},
    "cards": {
        "template_type": "carousel",
        "elements": [
            {
                "title": "card",
                "elements": [{"title": "within", "buttons": [{"title": "x"}] * 9}] * 30,
            }
        ]
        * 300,
    },
    "rows": {"template_type": "table", "elements": [{"Values": ["x"] * 200}] * 1_000},
    "chart": {
        "template_type": "piechart",
        "elements": [{"title": "x", "value": "9" * 3_000, "displayValue": "9" * 3_000}] * 600,
    },
    "stars": {"starArrays": [{"starId": 5, "value": 10}] * 20_000, "text": "Rate"},
}


@pytest.mark.parametrize("name", BIG)
def test_a_message_with_very_many_parts_is_bounded(name: str) -> None:
    message = template(**BIG[name])
    page = answered(*[message] * 10)
    assert len(page) < 400_000, name
    assert "not shown" in page or "left out" in page


@pytest.mark.parametrize("key", ["elements", "payload", "items", "x"])
def test_a_message_of_any_depth_makes_a_sound_page(key: str) -> None:
    deep = f'{{"type": "template", "title": "outer", "{key}": [' * 20_000 + "]}" * 20_000
    elements(answered(deep, "[" * 100_000))


texts = st.text(max_size=30)
flat: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, texts, st.booleans()),
    st.builds(Choices, st.lists(texts, min_size=1, max_size=8).map(tuple)),
    st.builds(Rating, st.lists(texts, min_size=1, max_size=8).map(tuple)),
    st.builds(Media, st.sampled_from(["picture", "file", "map"]), texts),
    st.builds(
        Table,
        st.lists(texts, max_size=4).map(tuple),
        st.lists(st.lists(texts, max_size=4).map(tuple), max_size=8).map(tuple),
        st.booleans(),
    ),
)
blocks: st.SearchStrategy[Block] = st.recursive(
    flat,
    lambda inner: st.builds(
        Group,
        st.lists(st.lists(inner, min_size=1, max_size=4).map(tuple), min_size=1, max_size=4).map(
            tuple
        ),
        st.booleans(),
    ),
    max_leaves=12,
)


def left_out(parts: tuple[Part, ...]) -> bool:
    return any(part.left_out or any(left_out(entry) for entry in part.entries) for part in parts)


@given(st.lists(blocks, max_size=6).map(tuple), st.integers(0, 3_000))
@settings(max_examples=80, deadline=None)
def test_a_message_is_drawn_within_its_limit_or_says_what_is_left_out(
    content: tuple[Block, ...], limit: int
) -> None:
    everything = drawing(Message(content), 1_000_000)
    assert not left_out(everything.parts)
    bounded = drawing(Message(content), limit)
    assert bounded.size <= everything.size
    assert bounded.size <= limit + 1_500
    if everything.size < limit // 2:
        assert bounded == everything


def test_where_two_messages_read_alike_the_page_says_so_and_marks_what_differs() -> None:
    button = {"type": "web_url", "title": "Open", "url": "https://a.example"}
    messages = [
        template(text="Sure?", buttons=[button | {"url": address}])
        for address in ("https://a.example", "https://b.example")
    ]
    page = drawn(run_of(finished(compared_step("x", *messages), status="failed")))
    [note] = seen(page, "//p[@class='hidden-heading']")
    assert note.startswith("they read alike")
    # In the list of what broke, and in the step.
    assert seen(page, "//del") == ["a", "a"]
    assert seen(page, "//ins") == ["b", "b"]
    expected, actual = seen(page, "//p[@class='hidden-difference']")
    assert "https:// a .example" in expected
    assert "https:// b .example" in actual


@pytest.mark.parametrize("pair", EDGES, ids=lambda pair: pair["name"])
def test_what_differs_is_marked_in_texts_that_are_nearly_messages(pair: dict[str, str]) -> None:
    failed = compared_step(pair["name"], pair["expected"], pair["answered"])
    page = drawn(run_of(finished(failed, status="failed")))
    *_, expected, actual = seen(page, "//dl[@class='compared']/div") + seen(
        page, "//p[@class='hidden-difference']"
    )
    expected, actual = (re.sub("^(expected|actual):? ", "", side) for side in (expected, actual))
    assert expected != actual
