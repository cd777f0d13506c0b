"""Test cases as XML: built by `junit-xml`, with what that library lacks or writes wrong put right.

It has no flaky failures, writes times with six decimals and omits one of 0, writes no result that
has no text, and keeps characters that XML forbids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring
from xml.sax.saxutils import quoteattr

from junit_xml import TestCase, TestSuite

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import printable

FAILURE, ERROR, SKIPPED = "failure", "error", "skipped"
FLAKY_FAILURE, FLAKY_ERROR = "flakyFailure", "flakyError"
OUTPUT = "system-out"
TAGS = {
    Outcome.FAILED: FAILURE,
    Outcome.ERROR: ERROR,
    Outcome.TIMEOUT: ERROR,
    Outcome.SKIPPED: SKIPPED,
    # Readers show no other element without turning red.
    Outcome.TOLERATED: SKIPPED,
}
"""The result element for each outcome; a case that passed has none."""

_LONGEST_TIME = 1e9  # seconds; the sum of absurd durations could be infinite


class Entry(NamedTuple):
    """What a case contains under a tag: a result, a flaky failure or the output.

    `text` makes the text whenever it is called; its first line is also the message of a result.
    """

    tag: str
    text: Callable[[], str]
    type: str = ""


class SourceLine(NamedTuple):
    """Where the step of a case is in the repository."""

    file: str
    number: int


class TestcaseHead(NamedTuple):
    """The attributes of a case; `duration` is in seconds."""

    name: str
    class_name: str
    duration: float | None = None
    source: SourceLine | None = None


Content: TypeAlias = Sequence[tuple[Entry, str]]
"""The entries of a case, each with its final text."""


def cases_xml(cases: Sequence[tuple[TestcaseHead, Content]]) -> str:
    """Return cases as XML, each on a line of its own."""
    suite = TestSuite("", [_test_case(*case) for case in cases]).build_xml_doc()
    for element, (head, content) in zip(suite, cases, strict=True):
        if head.duration is not None:
            element.set("time", time_text(head.duration))
        # Inserted at the start in reverse, they end up in order, before the output.
        for entry, text in reversed(content):
            if entry.tag in (FLAKY_FAILURE, FLAKY_ERROR):
                element.insert(0, _flaky(entry, text))
    return children_xml(suite)


def _test_case(head: TestcaseHead, content: Content) -> TestCase:
    case = TestCase(head.name, head.class_name)
    if head.source:
        case.file, case.line = head.source.file, str(head.source.number)
    for entry, text in content:
        # Without a message and a text, the library would write no result at all.
        message = _message(text) or entry.tag
        if entry.tag == FAILURE:
            case.add_failure_info(message, text, entry.type)
        elif entry.tag == ERROR:
            case.add_error_info(message, text, entry.type)
        elif entry.tag == SKIPPED:
            case.add_skipped_info(message, text)
        elif entry.tag == OUTPUT:
            case.stdout = text
    return case


def _flaky(entry: Entry, text: str) -> Element:
    element = Element(entry.tag, {"type": entry.type, "message": _message(text)})
    # Jenkins and Surefire have the text in this child.
    SubElement(element, "stackTrace").text = text
    return element


def _message(text: str) -> str:
    return text.partition("\n")[0]


def children_xml(parent: Element) -> str:
    """Return the children of an element as XML, each on a line of its own.

    Characters that XML cannot hold are removed here, from every text.
    """
    bare = Element("_")
    for child in parent:
        for element in child.iter():
            element.attrib.update((key, printable(value)) for key, value in element.items())
            element.text = element.text and printable(element.text)
        child.tail = "\n"
        bare.append(child)
    return tostring(bare, encoding="unicode")[len("<_>") : -len("</_>")] if len(bare) else ""


def attributes_xml(attributes: dict[str, str]) -> str:
    """Return attributes as XML, with a space in front of each."""
    return "".join(f" {name}={quoteattr(printable(text))}" for name, text in attributes.items())


def time_text(seconds: float) -> str:
    """Return a duration as every reader takes it: in seconds, with three decimals."""
    return f"{min(max(0.0, seconds), _LONGEST_TIME):.3f}"
