"""Any text of a gate's model may hold any character: each report makes it safe by itself."""

from __future__ import annotations

import io
import json
import re
import types
import typing
from datetime import UTC, datetime
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from lxml import html

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Run
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.reports import log
from gatekeeper.core.reports.badge import badge
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.reports.page.document import page
from gatekeeper.core.reports.summary import COMMENT_BYTES, summary
from gatekeeper.core.result_file.write import result_json
from gatekeeper.platforms.github import GitHub
from gatekeeper.platforms.outputs import OUTPUTS, outputs_of
from support.github_runner.commands import outputs_of as outputs_in

TEXTS = (
    "\x00\x01\x08",
    "\ud800\udfff\ufffe\uffff",
    "\x1b[31mred\x1b]0;title\x07\x9b1m\u202e",
    "a\n::set-output name=verdict::passed\n  ::error::x",
    "##[error]x",
    "<img src=x onerror=alert(1)>&\"'</script>",
    "]]></failure><testcase/>",
    "a\r\nb\x0b\x0cc\x85\u2028d",
    "| a | [b](https://c) @d #1 `e` [[ATTACHMENT|/etc/passwd]]",
)
# What neither XML nor a terminal nor a person should get; the reports' own line ends are none.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]")

COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)

# Texts differ from each other: reports say nothing about what is equal.
NUMBERS = count()
SIMPLE: dict[Any, Any] = {
    datetime: datetime(2026, 5, 4, tzinfo=UTC),
    bool: False,
    int: 1,
    float: 1.0,
    Check: None,
    Outcome: Outcome.FAILED,
}


def filled(kind: Any, text: str, runs: int = 2) -> Any:
    """Return a value of a type of the model with a text in every field that takes one.

    Runs are nested once, as the earlier attempts of a run.
    """
    if kind in SIMPLE:
        return SIMPLE[kind]
    if inner := [each for each in typing.get_args(kind) if each is not type(None)]:
        return composed(typing.get_origin(kind), inner, text, runs)
    if kind in (str, Any):
        return f"{text}{next(NUMBERS)}"
    hints = typing.get_type_hints(kind)
    deeper = runs - (kind is Run)
    return kind(**{field: filled(hints[field], text, deeper) for field in kind.__struct_fields__})


def composed(origin: Any, inner: list[Any], text: str, runs: int) -> Any:
    """Return a value of a union or a collection of these types."""
    if origin in (typing.Union, types.UnionType):
        return filled(str if str in inner else inner[0], text, runs)
    if origin is dict:
        return {text: text}
    if inner[0] is Run and not runs:
        return ()
    values = [filled(each, text, runs) for each in inner if each is not Ellipsis]
    return tuple(values) if origin is tuple else values


def texts_in(value: Any) -> int:
    """Count the texts in a value of the model."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return 1
    if isinstance(value, msgspec.Struct):
        return sum(texts_in(getattr(value, field)) for field in value.__struct_fields__)
    return sum(map(texts_in, value)) if isinstance(value, list | tuple) else 0


@pytest.fixture(params=TEXTS, ids=ascii)
def gate(request: pytest.FixtureRequest) -> Gate:
    """Return a gate with one of the texts in every field that takes one."""
    model: Gate = filled(Gate, f"{request.param}x")
    return model


def test_every_kind_of_text_is_filled_in() -> None:
    assert texts_in(filled(Gate, "x")) > 60


def test_the_xml_is_well_formed_and_its_texts_can_be_shown(gate: Gate) -> None:
    root = ET.fromstring("".join(junit(gate)).encode())
    assert [case.tag for suite in root for case in suite if case.tag != "properties"] == [
        "testcase",
        "testcase",
    ]
    for element in root.iter():
        for text in (element.text or "", *element.attrib.values()):
            assert not UNSAFE.search(text)
    assert not any("[[" in (output.text or "") for output in root.iter("system-out"))


def test_the_page_has_no_element_and_no_character_from_a_text(gate: Gate) -> None:
    text = "".join(page(gate))
    assert not UNSAFE.search(text)
    tags = {
        element.tag
        for element in html.fromstring(text).iter()
        if element.tag is not html.etree.Comment
    }
    assert tags.isdisjoint({"img", "testcase", "failure", "iframe"})
    assert text.count("<script") == 1


def test_the_summary_has_no_markup_from_a_text(gate: Gate) -> None:
    text = summary(gate, COMMENT_BYTES, "report.html")
    text.encode()
    assert not UNSAFE.search(text)
    assert not COMMAND.search(text)
    for markup in ("<img", "](", "@d", "</script>"):
        assert markup not in text


def test_the_log_has_no_command_and_no_terminal_sequence(gate: Gate) -> None:
    for colour in (False, True):
        stream = io.StringIO()
        console = Console(stream, colour=colour)
        console.say_all(
            (*log.runs(gate, "report.html"), *log.ending(gate, gate.unwritten, "report.html"))
        )
        text = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()) if colour else stream.getvalue()
        assert not UNSAFE.search(text)
        assert not COMMAND.search(text)


def test_annotations_are_one_command_each(gate: Gate) -> None:
    stream = io.StringIO()
    GitHub({"GITHUB_ACTIONS": "true"}).annotate(gate, None, Console(stream))
    lines = stream.getvalue().splitlines()
    assert lines
    for line in lines:
        assert re.match(r"::(error|warning) title=", line)
        assert not UNSAFE.search(line)


def test_the_outputs_are_the_declared_ones(gate: Gate, tmp_path: Path) -> None:
    path = tmp_path / "output"
    outputs = outputs_of(gate, Path("r/junit.xml"), Path("r"))
    GitHub({"GITHUB_OUTPUT": str(path)}).publish_outputs(outputs, Console(io.StringIO()))
    assert outputs_in(path.read_text(encoding="utf-8")).keys() == OUTPUTS.keys()


def test_the_badge_and_the_result_can_be_read(gate: Gate) -> None:
    ET.fromstring(badge(gate))
    text = b"".join(result_json(gate)).decode()
    assert json.loads(text)["verdict"] == "failed"
    assert not UNSAFE.search(text)
    assert not re.search(r"\\u(00[01]|007f|d[89a-f]|fff[ef])", text, re.IGNORECASE)
