"""Message templates read as a person in front of the bot would have seen them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.answer.message import Message, read_message, unwrapped


def template(**payload: Any) -> str:
    return json.dumps({"type": "template", "payload": payload})


@pytest.mark.parametrize(
    ("message", "seen"),
    [
        (
            template(
                template_type="quick_replies",
                text="Which language?\n",
                quick_replies=[{"content_type": "text", "title": "English"}, {"title": "Deutsch"}],
            ),
            "Which language?\n[English] [Deutsch]",
        ),
        (
            template(
                template_type="button", text="Sure?", buttons=[{"type": "postback", "title": "Yes"}]
            ),
            "Sure?\n[Yes]",
        ),
        (
            template(
                template_type="list",
                elements=[
                    {"title": "BA 117", "subtitle": "09:40", "buttons": [{"title": "Book"}]},
                    {"title": "BA 175"},
                ],
            ),
            "• BA 117\n  09:40\n  [Book]\n• BA 175",
        ),
        (template(text="a", heading="b", title="c", subtitle="d"), "a\nb\nc\nd"),
        (template(description="a", value="b", message="c"), "a\nb\nc"),
        (template(text=" ", title=7, options=["x", 7, {"no": 1}]), '[x] [7] [{"no": 1}]'),
        (template(options=[{"title": "a", "text": "b"}, {"text": "b", "name": "c"}]), "[a] [b]"),
        (template(options=[{"title": "", "name": "c", "payload": "d"}]), "[c]"),
        (template(options=[{"payload": "d"}], buttons=[{"name": "e"}]), "[e] [d]"),
        (template(cards=[{"text": "a"}], items=["b"], rows=[{"text": "c"}]), "• a\n• b\n• c"),
        (template(moreData=[{"text": " a "}, 7], elements={"text": "no"}), "• a\n• "),
        (template(elements=[{"options": ["x"], "rows": [{"text": "a"}]}]), "• [x]\n  • a"),
        ('{"type": "message", "payload": " Hello "}', "Hello"),
        ('{"payload": "no", "text": "Hello"}', "Hello"),
        ('{"type": "no", "text": "Hello"}', "Hello"),
        ('{"text": "out", "type": "template", "payload": {"text": "in"}}', "out\nin"),
        (' {"text": "Hello"}', "Hello"),
        ('["Hello"]', '["Hello"]'),
        ('{"text": " "}', '{"text": " "}'),
        ("", ""),
        ("Hello", "Hello"),
        ("{not json", "{not json"),
        ('{"a": 1}', '{"a": 1}'),
        ("{" * 100_000, "{" * 100_000),
    ],
)
def test_words_and_choices_are_what_is_seen(message: str, seen: str) -> None:
    assert unwrapped(message) == seen


def test_a_template_is_told_from_plain_text_and_its_parts_from_each_other() -> None:
    said = template(text="a", buttons=["x"], elements=[{"text": "b"}, "c"])
    message = read_message(said)
    assert (message.texts, message.choices, message.is_template) == (("a",), ("x",), True)
    assert [(one.texts, one.is_template) for one in message.entries] == [
        (("b",), True),
        (("c",), True),
    ]
    assert read_message("a") == Message(("a",))
    assert read_message('{"a": 1}') == Message(('{"a": 1}',))
    assert read_message(template(cards=[7])) == Message(
        entries=(Message(is_template=True),), is_template=True
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "title", "buttons", "elements", "payload", "type"]), inner
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["type", "payload", "text", "buttons"]), json_values))
def test_any_json_reads_as_some_text(message: Any) -> None:
    assert unwrapped(json.dumps(message))
