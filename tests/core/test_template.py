"""Message templates read as a person in front of the bot would have seen them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.answer.message import unwrapped


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
        ("Hello", "Hello"),
        ("{not json", "{not json"),
        ('{"a": 1}', '{"a": 1}'),
        ("{" * 100_000, "{" * 100_000),
    ],
)
def test_words_and_choices_are_what_is_seen(message: str, seen: str) -> None:
    assert unwrapped(message) == seen


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
