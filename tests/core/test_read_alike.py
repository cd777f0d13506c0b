"""Messages and other texts that read alike: no report shows what differs as equal."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.message.read import visible_text
from gatekeeper.core.model import Gate, Pipeline
from gatekeeper.core.reports.annotations import annotations_of
from gatekeeper.core.reports.findings import blocking, finding
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.reports.log import runs
from gatekeeper.core.reports.summary import COMMENT_BYTES, summary
from gatekeeper.core.wording.alike import excerpts, first_difference, matches, raw_difference
from gatekeeper.core.wording.differences import differences_of
from gatekeeper.core.wording.failures import brief, explained
from gatekeeper.core.wording.styled import plain, rendered
from support.builders import finished, response, run_of, step, text

DATA = Path(__file__).parents[1] / "data" / "messages"
SHAPES: dict[str, Any] = json.loads((DATA / "index.json").read_text())
EDGES: list[dict[str, str]] = json.loads((DATA / "edges.json").read_text())


def gate_with(expected: str | list[str], actual: str) -> Gate:
    variations = [expected] if isinstance(expected, str) else expected
    failed = text(*variations, status="failed")
    said = response(variations[0], text=failed), response(actual, text=failed)
    answer = finished(step("Hi", said[1], status="failed", outputs=[said[0]]), status="failed")
    return Gate((run_of(answer),), datetime(2026, 5, 4, tzinfo=UTC), 1.0, Pipeline("", ""))


def changed(name: str) -> tuple[str, str]:
    raw = (DATA / f"{name}.json").read_text()
    before, after = (json.dumps(part, ensure_ascii=False)[1:-1] for part in SHAPES[name]["change"])
    return raw, raw.replace(before, after, 1)


def log_of(gate: Gate) -> str:
    return "\n".join(map(plain, runs(gate, "report.html")))


def lines_in(gate: Gate, limit: int = 1_000) -> list[str]:
    [reason] = gate.runs[0].verdict.cases[0].reasons
    return list(map(plain, explained(reason, limit, differences_of(gate))))


def sides_in(lines: list[str]) -> tuple[str, str, str]:
    """Return the texts that are shown as expected and actual, and the rest."""
    whole = "\n".join(lines)
    expected, _, rest = whole.partition("    actual:    ")
    expected = expected.partition("    expected:  ")[2]
    actual, _, note = rest.partition("               they ")
    return expected.rstrip("\n"), actual.rstrip("\n"), note


@pytest.mark.parametrize("name", SHAPES)
def test_a_changed_text_of_a_shape_is_marked_in_every_report(name: str) -> None:
    expected, actual = changed(name)
    assert visible_text(expected) != visible_text(actual)
    gate = gate_with(expected, actual)
    xml, log, markdown = "".join(junit(gate)), log_of(gate), summary(gate, COMMENT_BYTES, "")
    assert "{+" in log
    assert "{+" in xml
    assert "<ins>" in markdown
    [annotation] = annotations_of(gate, None, 10)
    headline = annotation.message.partition("\n")[2]
    first, _, other = headline.partition("expected ")[2].partition(", actual ")
    assert first != other
    assert "alike" not in log
    for line in (*log.split("\n"), *xml.split("\n")):
        assert line.count("{-") == line.count("-}")
        assert line.count("{+") == line.count("+}")


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge["name"])
def test_texts_that_are_nearly_messages_never_look_equal(edge: dict[str, str]) -> None:
    gate = gate_with(edge["expected"], edge["answered"])
    expected, actual, note = sides_in(lines_in(gate))
    assert expected != actual or "{-" in note or "{+" in note
    head = brief(gate.runs[0].verdict.cases[0].reasons[0])
    first, _, other = head.partition("expected ")[2].partition(", actual ")
    assert first != other


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("only url differs", '"url": "https://{-a-}.example"'),
        ("only key order differs", '{"{-type":"template","payload"'),
    ],
)
def test_what_a_person_does_not_see_is_shown_raw_in_every_report(name: str, note: str) -> None:
    [edge] = (edge for edge in EDGES if edge["name"] == name)
    gate = gate_with(edge["expected"], edge["answered"])
    xml = "".join(junit(gate)).replace("&quot;", '"')
    for report in (log_of(gate), xml):
        assert "they read alike; what differs is not shown to a person:" in report
        assert note in report
    markdown = summary(gate, COMMENT_BYTES, "")
    assert "they read alike; what differs is not shown to a person" in markdown
    assert "<ins>" in markdown
    [annotation] = annotations_of(gate, None, 10)
    assert "they read alike; raw expected" in annotation.message
    assert 'failure" message="' not in xml
    assert "they read alike; raw expected" in xml.partition("message=")[2].partition("\n")[0]


@pytest.mark.parametrize(
    ("expected", "actual", "shown", "other"),
    [
        ("Thank  you.", "Thank you.", "Thank{-··-}you.", "Thank{+·+}you."),
        ("a b ", "a b", "a b{-·-}", "a b"),
        (" a", "a", "{-·-}a", "a"),
        ("a\u00a0b", "a b", "a{-⍽-}b", "a{+·+}b"),
        ("a\tb", "a\nb", "a{-→-}b", "a{+↵+}\n               b"),
        ("a&nbsp;b c", "a b d", "a{-⍽-}b {-c-}", "a{+·+}b {+d+}"),
        ("", "  ", "", "{+··+}"),
        ("!\u2009!", "! !", "!{-<U+2009>-}!", "!{+·+}!"),
        ("pay\u200bpal", "paypal", "{-pay<U+200B>pal-}", "{+paypal+}"),
        ("Thank you.  Bye", "Thank you.  By", "Thank you.  {-Bye-}", "Thank you.  {+By+}"),
    ],
)
def test_blanks_and_invisible_characters_that_differ_are_made_visible(
    expected: str, actual: str, shown: str, other: str
) -> None:
    assert sides_in(lines_in(gate_with(expected, actual)))[:2] == (shown, other)


@pytest.mark.parametrize(
    ("expected", "actual", "note"),
    [
        ("a &amp; b", "a & b", ["a &{-amp;-} b", "a & b"]),
        ("a\u202eb", "ab", ["a{-<U+202E>-}b", "ab"]),
        ("a<br>b", "a\nb", ["a{-<br>-}b", "a{+↵+}b"]),
        ('{"text": "a"}', '{"text":"a"}', ['{"text":{-·-}"a"}', '{"text":"a"}']),
        ('{"text": "{{x}}", "type": "a"}', '{"text": "{{x}}", "type": "b"}', None),
    ],
)
def test_texts_that_read_alike_say_what_differs(
    expected: str, actual: str, note: list[str] | None
) -> None:
    lines = [line.strip() for line in lines_in(gate_with(expected, actual))]
    at = lines.index("they read alike; what differs is not shown to a person:")
    shown = [line.partition(":")[2].strip() for line in lines[at + 1 :]]
    assert note is None or shown == note


def test_a_placeholder_that_matches_is_no_difference_to_point_at() -> None:
    lines = lines_in(gate_with("Hi {{name}}, bye", "Hi Ann, bye"))
    assert not [line for line in lines if "alike" in line or "{-" in line]
    expected = '{"text":"Hi","url":"{{context.url}}","type":"a"}'
    lines = lines_in(gate_with(expected, '{"text":"Hi","url":"x","type":"b"}'))
    assert lines[-1].endswith('"type":"{+b+}"}')


@pytest.mark.parametrize(
    ("expected", "actual", "at"),
    [
        ("abc", "abd", (2, 2)),
        ("a {{x}} c", "a b c", (9, 5)),
        ("a {{x}} c", "a b d", (2, 2)),
        ("{{x}} a {{y}} c", "1 a 2 d", (8, 4)),
        ("a{{x}}", "ab", (6, 2)),
        ("{{x}}{{y}}", "a", (0, 0)),
        ("a {{x", "a {{y", (4, 4)),
        ("{{a}} b", "{{a}} b", (7, 7)),
        ("", "", (0, 0)),
    ],
)
def test_the_first_difference_is_found_past_placeholders(
    expected: str, actual: str, at: tuple[int, int]
) -> None:
    assert first_difference(expected, actual) == at
    assert matches(expected, actual) == (at == (len(expected), len(actual)))


def test_a_headline_is_cut_around_the_first_difference() -> None:
    start = "The quick brown fox jumps over the lazy dog. " * 5
    ours, theirs = excerpts(f"{start}Yes, it does. {start}", f"{start}No, it does not. {start}", 80)
    assert max(len(ours), len(theirs)) == 80
    common = "…jumps over the lazy dog. "
    assert ours.startswith(f"{common}Yes, it does. The")
    assert theirs.startswith(f"{common}No, it does not. The")
    assert excerpts("a  b", "a b", 80) == ("a··b", "a·b")
    assert excerpts("a", "a", 80) == ("a", "a")


def test_a_large_table_is_bounded_and_keeps_the_row_that_differs() -> None:
    rows = [{"Values": [str(number), f"Item {number}", "9 $"]} for number in range(500)]
    payload = {"template_type": "table", "columns": [["No"], ["Name"], ["Price"]], "elements": rows}
    expected = json.dumps({"type": "template", "payload": payload})
    gate = gate_with(expected, expected.replace("Item 321", "Thing 321"))
    log = log_of(gate)
    assert len(log.split("\n")) < 45
    assert "No | Name | Price" in log
    assert "321 | {-Item-} 321 | 9 $" in log
    assert "321 | {+Thing+} 321 | 9 $" in log
    assert "lines left out …" in log
    assert "321 | {+Thing+} 321 | 9 $" in "".join(junit(gate))
    assert "<ins>Thing</ins>" in summary(gate, COMMENT_BYTES, "")


LINES = "\n".join(f"line {number}" for number in range(30))


@pytest.mark.parametrize(
    ("expected", "actual", "marked"),
    [
        ([f"Text {number} of it" for number in range(40)], "Text 33 of that", "{+that+}"),
        ([f"{LINES} a", f"{LINES} b c", f"{LINES} d"], f"{LINES} b e", "{+e+}"),
        ([json.dumps({"text": LINES, "type": "a"}), LINES], f"{LINES} a", "{+a+}"),
    ],
    ids=["many", "long", "a message"],
)
def test_variations_are_left_out_of_the_log_before_the_actual_text(
    expected: list[str], actual: str, marked: str
) -> None:
    log = log_of(gate_with(expected, actual))
    assert marked in log
    assert "actual:" in log
    assert re.search(r"or: +\(\d+ more texts?\)\n", log)
    assert "more lines: see" not in log


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each leaf of a JSON value."""
    items = enumerate(value) if isinstance(value, list) else value.items()
    for key, item in items:
        if isinstance(item, dict | list) and item:
            yield from leaves(item, (*path, key))
        else:
            yield (*path, key)


def with_leaf(value: Any, path: tuple[Any, ...], change: Any) -> Any:
    first, *rest = path
    copied = list(value) if isinstance(value, list) else dict(value)
    copied[first] = with_leaf(value[first], tuple(rest), change) if rest else change(value[first])
    return copied


CHANGES: list[Any] = [
    lambda leaf: f"{leaf} ",
    lambda leaf: f"{leaf}x",
    lambda leaf: f" {leaf}",
    lambda leaf: str(leaf).replace(" ", "  ") if " " in str(leaf) else [leaf],
    lambda leaf: str(leaf) if not isinstance(leaf, str) else 5,
    lambda leaf: not leaf,
    lambda leaf: None if leaf is not None else "",
    lambda leaf: f"{leaf}\u200b",
    lambda leaf: {"title": leaf},
]


@pytest.mark.proves(
    "any leaf of 44 shapes of message changed: a blank more, another type, nothing, an invisible "
    "character; other blanks or another order in its JSON",
    "every report shows or names the difference",
)
@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_of_which_any_leaf_was_changed_is_never_shown_as_equal(name: str) -> None:
    message = json.loads((DATA / f"{name}.json").read_text())
    raw = json.dumps(message, ensure_ascii=False)
    paths = list(leaves(message))
    for number, path in enumerate(paths):
        for change in (CHANGES[number % len(CHANGES)], CHANGES[(number * 5 + 3) % len(CHANGES)]):
            other = json.dumps(with_leaf(message, path, change), ensure_ascii=False)
            if other != raw:
                assert_unequal(raw, other)
    assert_unequal(raw, json.dumps(message, ensure_ascii=False, indent=1))
    assert_unequal(raw, json.dumps(message, ensure_ascii=False, sort_keys=True), allowed=True)


def assert_unequal(expected: str, actual: str, *, allowed: bool = False) -> None:
    """Assert that reports do not show two different texts as equal."""
    if allowed and expected == actual:
        return
    gate = gate_with(expected, actual)
    lines = lines_in(gate)
    ours, theirs, note = sides_in(lines)
    assert ours != theirs or "{-" in note or "{+" in note, lines
    [annotation] = annotations_of(gate, None, 10)
    first = annotation.message.partition("\n")[2].partition("expected ")[2]
    shown, other = first.split('", actual "')
    assert shown.removeprefix('"') != other.removesuffix('"'), first
    [place] = blocking(gate)
    found = finding(place, differences_of(gate))
    assert plain(found.expected) != plain(found.actual), found


PARTS = ("a", " ", "\n", "{{x}}", "&amp;", "&", "<br>", '{"text": "a"}', "\u200b", "\x00", "!")
TEXTS = st.text(max_size=40) | st.lists(st.sampled_from((*PARTS, "_" * 3_000))).map("".join)


@given(TEXTS, TEXTS, st.text(max_size=5))
def test_any_two_different_texts_are_never_shown_as_equal(
    start: str, end: str, middle: str
) -> None:
    for expected, actual in ((start, end), (start + middle + end, start + end)):
        if expected and actual and expected != actual and "\ud800" not in expected + actual:
            assert_unequal(expected, actual)


@given(TEXTS, TEXTS)
def test_the_raw_difference_is_on_one_line_and_marked(expected: str, actual: str) -> None:
    ours, theirs = raw_difference(expected, actual)
    for side in (ours, theirs):
        assert "\n" not in rendered(side, {})
        assert len(rendered(side, {})) < 2_000
    assert (plain(ours) == plain(theirs)) == (expected == actual)
