"""Nesting is bounded by a number of ours, and a name that stands twice is found at every size."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gatekeeper.core.answer.read import read_progress, read_result, read_started
from gatekeeper.core.answer.soundness import (
    DEPTH,
    UnsoundJson,
    refuse_deep,
    refuse_repeated_names,
    refuse_repeated_names_around,
    sound_json,
)
from gatekeeper.core.message.read import read_message
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.source_map import read_source_map
from gatekeeper.errors import MalformedResult
from gatekeeper.kore.error_responses import error_text
from support.builders import finished, greeting

# The same examples in every run; a document is drawn slowly, character by character.
thorough = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
# Texts full of what the counting could stumble over.
texts = st.text(alphabet=':ab"\\{}[],\n\u00e9\U0001f600', max_size=6)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def written(draw: st.DrawFn, value: Any, twice: list[bool] | None = None) -> bytes:
    """Draw JSON in any spelling: with blanks, escapes, and names that stand twice now and then."""
    blank = draw(st.sampled_from(["", " ", "\n\t"]))
    if isinstance(value, list):
        inner = [draw(written(item, twice)).decode() for item in value]
        return f"[{blank}{f',{blank}'.join(inner)}]".encode()
    if isinstance(value, dict):
        members = list(value.items())
        if members and twice is not None and draw(st.integers(0, 4)) == 0:
            members.insert(draw(st.integers(0, len(members))), (members[0][0], draw(values)))
            twice.append(True)
        inner = [
            f"{draw(spelled(name))}{blank}:{draw(written(held, twice)).decode()}"
            for name, held in members
        ]
        return f"{{{f',{blank}'.join(inner)}{blank}}}".encode()
    return (draw(spelled(value)) if isinstance(value, str) else json.dumps(value)).encode()


@st.composite
def spelled(draw: st.DrawFn, text: str) -> str:
    """Draw a text as JSON, any of its characters escaped."""
    spellings = [st.sampled_from(_spellings(character)) for character in text]
    return f'"{"".join(draw(one) for one in spellings)}"'


def _spellings(character: str) -> list[str]:
    plain = json.dumps(character, ensure_ascii=False)[1:-1]
    escaped = "".join(f"\\u{unit:04x}" for unit in _units(character))
    return [plain, escaped, escaped.replace("a", "A")]


def _units(character: str) -> Iterator[int]:
    coded = character.encode("utf-16-be")
    return (int.from_bytes(coded[at : at + 2]) for at in range(0, len(coded), 2))


def has_repeated_name(body: bytes) -> bool:
    found: list[bool] = []

    def members(pairs: list[tuple[str, Any]]) -> None:
        found.append(len({name for name, _ in pairs}) < len(pairs))

    json.loads(body, object_pairs_hook=members)
    return any(found)


def is_refused(body: bytes) -> bool:
    try:
        refuse_repeated_names(body)
    except UnsoundJson:
        return True
    return False


@thorough
@given(st.data())
def test_a_name_is_refused_exactly_where_it_stands_twice(data: st.DataObject) -> None:
    body = data.draw(written(data.draw(values), []))
    assert is_refused(body) is has_repeated_name(body)


@thorough
@given(st.data(), st.lists(st.dictionaries(texts, values, max_size=3), max_size=4))
def test_a_document_in_parts_is_refused_as_the_whole_of_it_is(
    data: st.DataObject, parts: list[dict[str, Any]]
) -> None:
    rest = data.draw(st.dictionaries(texts, values, max_size=3))
    copies = data.draw(st.lists(st.sampled_from(parts), max_size=2)) if parts else []
    whole = {**rest, "before": copies, "parts": parts, "after": data.draw(values)}
    body = data.draw(written(whole, []))
    document = msgspec.json.decode(body)
    kept = msgspec.json.encode(document).count(b":")
    raws = msgspec.json.decode(body, type=Parts).parts
    try:
        refuse_repeated_names_around(body, raws, kept)
    except UnsoundJson:
        assert has_repeated_name(body)
    else:
        assert not has_repeated_name(body)


objects = st.dictionaries(texts, values, max_size=2)


@thorough
@given(st.data(), objects, st.lists(objects, max_size=2))
def test_an_answer_is_refused_exactly_where_a_name_stands_twice_anywhere_in_it(
    data: st.DataObject, rest: dict[str, Any], steps: list[dict[str, Any]]
) -> None:
    inner = {**data.draw(objects), "executionResults": steps, "nlpVersion": data.draw(values)}
    answer = {"_id": rest, "errors": data.draw(values), **rest, "result": inner}
    body = data.draw(written(answer, []))
    try:
        read_result(body)
    except MalformedResult:
        assert has_repeated_name(body)
    else:
        assert not has_repeated_name(body)


class Parts(msgspec.Struct):
    """The part of a document that is handed over as it stands."""

    parts: list[msgspec.Raw]


@pytest.mark.parametrize(
    "body",
    [
        rb'{"a": 1, "\u0061": 2}',
        rb'{"a": 1, "a": "\u003a"}',
        rb'{"a": "\u003A\u003a", "b": {"a": 1, "a": 2, "a": 3}}',
        rb'{"a": "\u003a", "a\u003a": 1, "a": 2}',
        rb'{"\ud800": 1, "a": 1, "a": 2}',
        rb'{"n": NaN, "a": 1, "a": 2}',
        b'{"n": "\xff", "a": 1, "a": 2}',
        b'\xef\xbb\xbf{"a": 1, "a": 2}',
        b'{"n": %s, "a": 1, "a": 2}' % (b"9" * 5_000),
    ],
)
def test_no_spelling_hides_a_name_that_stands_twice(body: bytes) -> None:
    with pytest.raises(UnsoundJson, match="'a' occurs twice in one object"):
        refuse_repeated_names(body)


@pytest.mark.parametrize(("length", "quoted"), [(60, "x" * 60), (61, "x" * 59 + "…")])
def test_a_long_name_that_stands_twice_is_cut_at_sixty_characters(length: int, quoted: str) -> None:
    member = b'"%s": 1' % (b"x" * length)
    with pytest.raises(UnsoundJson, match=f"^'{quoted}' occurs twice in one object$"):
        refuse_repeated_names(b"{%s, %s}" % (member, member))


def depth_of(value: Any) -> int:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth_of, inner), default=0)
    return 0


@thorough
@given(st.data(), st.integers(DEPTH - 6, DEPTH + 2))
def test_what_is_too_deep_is_so_by_its_brackets_outside_of_texts(
    data: st.DataObject, levels: int
) -> None:
    value = data.draw(values)
    body = data.draw(written(value))
    beside = data.draw(written(data.draw(texts) * 60))
    lists = data.draw(st.integers(1, 9))
    for level in range(levels):
        body = b"[%s]" % body if level % lists else b'{"a[": %s}' % body
    body = b"[%s, %s]" % (beside, body)
    if depth_of(value) + levels + 1 > DEPTH:
        with pytest.raises(UnsoundJson, match="nested too deeply"):
            refuse_deep(body)
    else:
        refuse_deep(body)


def test_brackets_that_are_never_closed_count_once() -> None:
    refuse_deep(b'"' + b"[" * 50 + b'"' + b"[" * (DEPTH - 10))


def test_equal_parts_hide_no_name_that_stands_twice_beside_them() -> None:
    body = b'{"r": [{"a": 1}, {"a": 1}], "b": 1, "b": 2}'
    with pytest.raises(UnsoundJson, match="'b' occurs twice"):
        refuse_repeated_names_around(body, [msgspec.Raw(b'{"a": 1}')] * 2, 0)


def test_a_string_that_ends_with_a_backslash_hides_no_brackets() -> None:
    deep = b"[" * DEPTH + b"]" * DEPTH
    with pytest.raises(UnsoundJson, match="nested too deeply"):
        refuse_deep(rb'["\\",' + deep + b"]")
    refuse_deep(rb'["\\","' + deep + b'"]')


@thorough
@given(st.text(alphabet='[]{}",\\ab', max_size=300).map(str.encode))
@example(b"[" * 300)
@example(b'{"a":' * 150 + b"[" * 100)
@example(b"]" * 300 + b"[" * 100)
def test_what_is_no_json_is_no_trouble(body: bytes) -> None:
    try:
        refuse_deep(body)
        refuse_repeated_names(body)
    except UnsoundJson:
        assert body.count(b"[") + body.count(b"{") > DEPTH or b'"' in body


def test_large_documents_are_searched_over_the_borders_of_what_is_read_at_once() -> None:
    padding = ",".join([json.dumps('\\"[{:' * 50)] * 2_000)
    for levels, deep in ((DEPTH - 1, False), (DEPTH, True)):
        body = f"[{padding}, {'[' * levels}{']' * levels}]".encode()
        assert len(body) > 500_000
        if deep:
            with pytest.raises(UnsoundJson):
                refuse_deep(body)
        else:
            refuse_deep(body)


def answer_with(field: str, value: str) -> bytes:
    answer = json.dumps(finished(greeting()) | {"runs": [], "testCases": []})
    return answer.replace("{", f'{{"{field}": {value}, ', 1).encode()


def test_every_reader_draws_the_same_line_far_above_what_is_real() -> None:
    sound, deep = (f"{'[' * levels}{']' * levels}" for levels in (DEPTH - 1, DEPTH))
    for read in (read_result, read_progress, read_started):
        read(answer_with("new", sound))
        with pytest.raises(MalformedResult, match="malformed response: nested too deeply"):
            read(answer_with("new", deep))
    with pytest.raises(MalformedResult, match=r"not a valid result\.json: nested too deeply"):
        read_saved(answer_with("new", deep))
    read_source_map("suite.json", answer_with("new", sound).decode())
    with pytest.raises(ValueError, match="not a test suite's JSON"):
        read_source_map("suite.json", answer_with("new", deep).decode())
    template = '{"type": "template", "payload": {"text": "Hi!", "new": %s}}'
    assert read_message(template % sound[1:-1]).is_template
    assert not read_message(template % deep).is_template
    body = '{"errors": [{"msg": "boom"}], "new": %s}'
    assert error_text((body % sound).encode()) == "boom"
    assert error_text((body % deep).encode()).startswith('{"errors"')


@pytest.mark.parametrize("levels", [DEPTH + 1, 900, 1_100, 5_000, 100_000])
def test_the_interpreters_stack_has_no_say_however_deep_it_is(levels: int) -> None:
    for opened, closed in (("[", "]"), ('{"a":', "}")):
        body = f"{opened * levels}1{closed * levels}"
        for whole in (body, body[:-levels]):
            with pytest.raises(UnsoundJson):
                sound_json(whole)
            with pytest.raises(MalformedResult, match="nested too deeply"):
                read_result(whole.encode())


@pytest.mark.parametrize("megabytes", [0, 5])
@pytest.mark.parametrize("where", ["top", "result", "step", "list", "list of another"])
def test_a_name_that_stands_twice_is_found_at_every_size(where: str, megabytes: int) -> None:
    answer = finished(greeting())
    answer["pad"] = ["x" * 1000] * (1000 * megabytes)
    body = json.dumps(answer)
    whole = body.replace('"pad":', '"errors": {"a": [{"b": [1]}]}, "pad":')
    assert read_result(whole.encode()).errors == {"a": [{"b": [1]}]}
    told, twice = {
        "top": ('"_id":', '"_id": "ctr-2", "_id":'),
        "result": ('"duration":', '"executionResults": [], "duration":'),
        "step": ('"actualOutput":', '"status": "failed", "actualOutput":'),
        "list of another": ('"pad":', '"new": {"a": [{"b": 1, "b": 2}], "c": [{}]}, "pad":'),
        "list": ('"nlpVersion": [', '"nlpVersion": [{"a": 1, "a": 2}, '),
    }[where]
    assert told in body
    with pytest.raises(MalformedResult, match="occurs twice in one object"):
        read_result(body.replace(told, twice, 1).encode())


def test_a_saved_gate_with_a_name_twice_is_none_and_a_start_with_two_ids_has_none() -> None:
    gate = {"schema": 1, "verdict": "passed", "started_at": "2026-05-04T03:02:01Z"}
    body = json.dumps(gate | {"duration": 1.0, "runs": []})
    read_saved(body.encode())
    with pytest.raises(MalformedResult, match="'verdict' occurs twice"):
        read_saved(body.replace("{", '{"verdict": "failed", ', 1).encode())
    assert read_started(b'{"testRunId": "ctr-1"}') == "ctr-1"
    assert read_started(b'{"testRunId": "ctr-1", "testRunId": "ctr-2"}') is None


def test_a_lone_surrogate_is_no_reason_to_refuse_a_document() -> None:
    assert sound_json('["\\ud800", "\ud800"]') == ["\ud800"] * 2
