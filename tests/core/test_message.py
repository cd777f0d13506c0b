"""Messages of a bot are read as a person in front of it sees them, in any shape."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.message.blocks import (
    Choices,
    Group,
    Media,
    Message,
    Rating,
    Table,
    Text,
)
from gatekeeper.core.message.lines import lines
from gatekeeper.core.message.read import read_message, visible_text

DATA = Path(__file__).parents[1] / "data" / "messages"
SHAPES: dict[str, Any] = json.loads((DATA / "index.json").read_text())
OTHERS: list[dict[str, Any]] = json.loads((DATA / "others.json").read_text())


def template(**payload: Any) -> str:
    return json.dumps({"type": "template", "payload": payload})


def folded(text: str) -> str:
    """Return a text without the indentation of its lines."""
    return "\n".join(line.strip() for line in text.split("\n"))


def assert_seen(text: str, visible: list[str], hidden: list[str], *, ordered: bool) -> None:
    seen, at = folded(text), 0
    for part in visible:
        place = seen.find(part, at if ordered else 0)
        assert place >= 0, f"{part!r} is missing or out of order in:\n{seen}"
        at = place + len(part)
    assert not [part for part in hidden if part in seen]


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_of_the_platform_is_read_as_it_is_seen(name: str) -> None:
    shape = SHAPES[name]
    text = visible_text((DATA / f"{name}.json").read_text())
    assert_seen(text, shape["visible"], shape["hidden"], ordered=shape["ordered"])


@pytest.mark.parametrize("shape", OTHERS, ids=lambda shape: shape["name"])
def test_a_shape_of_another_channel_is_read_as_it_is_seen(shape: dict[str, Any]) -> None:
    text = visible_text(json.dumps(shape["message"]))
    assert_seen(text, shape["visible"], shape["hidden"], ordered="unordered" not in shape)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (template(text=" ", options=["x", 7, {"no": 1}]), "[x] [7]"),
        (template(options=[{"title": "", "name": "c", "payload": "d"}]), "[c]"),
        (template(options=[{"payload": "d"}], buttons=[{"name": "e"}]), "[e]"),
        (template(buttons=[{"title": "Yes"}], text="Sure?"), "Sure?\n[Yes]"),
        (
            template(elements=[{"title": "a\nb", "options": ["x"]}, {"title": "c"}]),
            "• a\n  b\n  [x]\n• c",
        ),
        ('{"type": "message", "payload": " Hello "}', "Hello"),
        ('{"type": "text", "text": "Hello"}', "Hello"),
        ('{"text": "out", "type": "template", "payload": {"text": "in"}}', "out\nin"),
        (' {"text": "Hello"}', "Hello"),
        ('[{"text": "One"}, {"text": "Two"}]', "One\nTwo"),
        ("Before\n" + template(text="in") + "\nafter", "Before\nin\nafter"),
        ('[1] {a} {"text": "Hello"} {"no": 1}', '[1] {a}\nHello\n{"no": 1}'),
        ("\ufeff" + template(text="in"), "in"),
        ("```json\n" + template(text="in") + "\n```", "in"),
        ("Look:\n```json\n" + template(text="in") + "\n```\nYes?", "Look:\nin\nYes?"),
        (json.dumps(json.dumps(template(text="in"))), "in"),
        (json.dumps(template(text="in"))[1:-1], "in"),
        (template(text="in").replace('"', "&quot;"), "in"),
        (json.dumps({"text": template(text="in")}), "in"),
        ('{"type":"template","payload":{{context.payload}}}', "{{context.payload}}"),
        ('{"text": "{{a}} {\\"b\\"", "type": {{c}}}', '{{a}} {"b"'),
        (template(text=5.50).replace("5.5", "5.50"), "5.50"),
        (template(price=9.5, size=4, isNew=True, colour="blue"), "Price: 9.5"),
        (
            template(tax="$ 7.50", price="$ 9", balance="yours is $ 5"),
            "Tax: $ 7.50\n$ 9\nyours is $ 5",
        ),
        (template(text="a<br/>b<BR>c &amp; d &lt;i&gt;"), "a\nb\nc & d <i>"),
        (
            'See <a class="x" href="https://a.example/?b=1&copy=2">us</a>',
            "See us (https://a.example/?b=1&copy=2)",
        ),
        (
            "See [us](https://a.example), ![x](https://a.example) [1](2)",
            "See us (https://a.example), ![x](https://a.example) [1](2)",
        ),
        (template(text="A", image_url="https://a.example/1.png"), "A\n(picture)"),
        (template(template_type="like_dislike"), "(like_dislike template)"),
    ],
)
def test_what_is_a_message_and_what_is_seen_of_it(text: str, seen: str) -> None:
    assert visible_text(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "",
        " two  blanks ",
        "Hello",
        '{"status": "ok", "code": 200, "message": "Saved"}',
        '["Red", "Green"]',
        '{"type": "users", "users": [{"name": "Ann"}], "code": 200}',
        '{"type": "select", "options": ["Red wine"], "total": 5}',
        '{"status": "ok", "message": {"text": "Saved", "code": 200}}',
        '{"items": [{"title": "Lamp"}], "total": 5}',
        '{"content": {"columns": [[""]]}}',
        '{"text": "\\u001b"}',
        '{"text": " "}',
        '{"text": "a", "code": 1}',
        '{"a": 1}',
        '"Hello"',
        "42",
        "{not json",
        '{"type": "template", "payload": {"text": "Hell',
        '{"type": "template", "payload": {}}',
        "<speak>Hello</speak>",
        "{" * 100_000,
        '{"type":"template","payload":{"text":"' + "a" * 500_000 + '"}}',
    ],
)
def test_any_other_text_is_shown_as_it_is(text: str) -> None:
    assert read_message(text) == Message((Text(text),))


def test_a_message_consists_of_blocks_that_can_be_drawn() -> None:
    card = {"title": "Room", "image_url": "https://a.example/1.png", "buttons": [{"title": "Book"}]}
    message = read_message(
        template(
            template_type="carousel",
            text="Look",
            elements=[card, {"title": "Other"}],
            starArrays=[{"value": 5}, {"value": 4}],
            facts=[{"title": "Seats", "value": "2"}],
        )
    )
    assert message == Message(
        (
            Text("Look"),
            Group(
                (
                    (Text("Room", is_heading=True), Media("picture"), Choices(("Book",))),
                    (Text("Other", is_heading=True),),
                ),
                is_carousel=True,
            ),
            Rating(("5", "4")),
            Table((), (("Seats", "2"),)),
        ),
        is_template=True,
    )
    table = read_message((DATA / "table.json").read_text()).blocks[1]
    rows = (("1", "Savings", "1,000"), ("2", "Current", "2,000"))
    assert table == Table(("No", "Name", "Amount"), rows)
    [_, chart] = read_message((DATA / "piechart.json").read_text()).blocks
    assert chart == Table((), (("Flights", "$ 1,234"), ("Hotels", "$ 568")), is_chart=True)
    entries = read_message((DATA / "list.json").read_text()).blocks[0]
    assert isinstance(entries, Group)
    assert not entries.is_carousel


KEYS = (
    *("text", "title", "buttons", "elements", "payload", "type", "template_type", "value"),
    *("image_url", "columns", "Values", "X_axis", "displayValue", "primary", "quick_replies"),
    *("actions", "action", "cells", "content", "options", "starArrays", "blocks"),
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text()
    | st.sampled_from(["button", "Hi you", "image"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
)


@given(st.dictionaries(st.sampled_from(KEYS), json_values))
def test_any_json_reads_as_some_text(message: Any) -> None:
    text = json.dumps(message)
    assert visible_text(text)
    assert list(lines(read_message(text)))


@given(
    st.lists(
        st.sampled_from(['{"text": "a"}', "{", "}", "[", "]", '"', "\\", "```", "{{a}}", "b "])
    )
)
def test_no_mixture_of_text_and_messages_is_lost(parts: list[str]) -> None:
    text = "".join(parts)
    assert visible_text(text).count("b") == text.count("b")


@pytest.mark.parametrize(
    "text",
    [
        template(buttons=[{"title": "x"}] * 20_000),
        template(elements=[{"title": "x", "image_url": "https://a.example"}] * 8_000),
        template(**{f"key {number}": [["a", "b"]] for number in range(10_000)}),
        template(columns=["a"], elements=[{"Values": ["a", "b"]}] * 15_000),
        template(columns=[f"a{at}" for at in range(25_000)], elements=[{"a9": "b"}] * 15_000),
        template(columns=["a"] * 99, elements=[{"a": "b"}] * 20_000),
        template(buttons=[{"title": {"label": {"text": {"reply": {}}}}}] * 9_000),
        template(text="[a](" * 100_000),
        template(total="1" * 400_000 + " a b"),
        template(email="a@" + "a." * 200_000),
        template(text="<a href=" * 50_000),
        template(text='{"' * 50_000),
        '{"type":"t","payload":' * 90 + "{}" + "}" * 90,
        '{"a":' * 80_000,
        '["' * 150_000,
        '{"text":"a"} ' * 30_000,
        '{"a": {{' * 50_000,
        "{{" * 200_000 + '{"',
        '\\"' * 200_000,
    ],
    ids=range(19),
)
def test_large_and_deep_messages_are_read_in_time(text: str) -> None:
    start = time.process_time()
    visible_text(text)
    assert time.process_time() - start < 3.0
