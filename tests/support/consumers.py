"""Models of the tools that read the JUnit XML, by their documented rules.

A model takes the text of a report and returns what its consumer would show. If the consumer fails
on a report, or loses or corrupts a part of it, the model raises `Refused`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from lxml import etree

# The name of the case for the run as a whole, and the end of its class name.
RUN_CASE, RUN_CLASS = "the run as a whole", ": run"
MEGABYTE = 1_000_000
_KINDS = {"failure": "failed", "error": "error", "skipped": "skipped"}
_COUNTERS = ("tests", "failures", "errors", "skipped")


class Refused(Exception):
    """The consumer does not read the report as it was meant; the message says why."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as a consumer shows it: its identity, outcome and text.

    `whole` says whether it is the case for the run as a whole.
    """

    identity: tuple[str, ...]
    outcome: str
    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """What a report must show: whether it is red, and each step's outcome and text."""

    red: bool
    steps: tuple[tuple[str, str], ...]


Identity = Callable[[ET.Element, ET.Element], tuple[str, ...]]
Text = Callable[[ET.Element, list[ET.Element]], str]
Check = Callable[[str, ET.Element], None]
Merge = Callable[[list[Seen]], list[Seen]]


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer's rules.

    `order` are the kinds of result that a case can have, by precedence; with `every`, each result
    counts for itself instead.
    """

    name: str
    identity: Identity
    order: tuple[str, ...]
    text: Text
    check: Check
    merge: Merge = field(default=lambda seen: seen)
    nested: bool = True
    every: bool = False

    def __str__(self) -> str:
        return self.name

    def look(self, xml: str) -> list[Seen]:
        """Return the cases as this consumer shows them; raises `Refused`."""
        try:
            root = ET.fromstring(xml.encode())
        except ET.ParseError as error:
            raise Refused(f"not well-formed: {error}") from None
        self.check(xml, root)
        suites = root.iter("testsuite") if self.nested else root.findall("testsuite")
        cases = ((suite, case) for suite in suites for case in suite.findall("testcase"))
        return self.merge([seen for suite, case in cases for seen in self._seen(suite, case)])

    def _seen(self, suite: ET.Element, case: ET.Element) -> Iterator[Seen]:
        identity = self.identity(suite, case)
        whole = _attribute(case, "name") == RUN_CASE
        whole &= _attribute(case, "classname").endswith(RUN_CLASS)
        found = [child for kind in self.order for child in case.findall(kind)]
        if self.every and found:
            for one in found:
                yield Seen(identity, _KINDS[one.tag], self.text(case, [one]), whole)
        else:
            outcome = _KINDS[found[0].tag] if found else "passed"
            yield Seen(identity, outcome, self.text(case, found), whole)


def misreadings(consumer: Consumer, xml: str, truth: Truth) -> list[str]:
    """Return what a consumer does not show as it is."""
    try:
        seen = consumer.look(xml)
    except Refused as refused:
        return [f"{consumer}: {refused}"]
    steps = [one for one in seen if not one.whole]
    shown = Counter(one.outcome for one in steps)
    meant = Counter(outcome for outcome, _ in truth.steps)
    problems = []
    if shown != meant:
        problems.append(f"{consumer}: shows {dict(shown)} instead of {dict(meant)}")
    if any(one.outcome in ("failed", "error") for one in seen) is not truth.red:
        problems.append(f"{consumer}: shows the wrong colour")
    if not problems:
        problems += [
            f"{consumer}: shows {one.text!r}, not {text!r}"
            for one, (outcome, text) in zip(steps, truth.steps, strict=True)
            if one.outcome != outcome or text not in one.text
        ]
    return problems


def _attribute(element: ET.Element, name: str) -> str:
    return element.get(name, "")


def _named(*names: str) -> Identity:
    """Identify a case by the suite's name, if listed, and these attributes of its own."""
    return lambda suite, case: (
        *([_attribute(suite, "name")] if "suite" in names else []),
        *(_attribute(case, name) for name in names if name != "suite"),
    )


def _body(element: ET.Element | None) -> str:
    return "" if element is None else element.text or ""


def _message_and_body(_case: ET.Element, results: list[ET.Element]) -> str:
    return "\n".join(f"{_attribute(one, 'message')}\n{_body(one)}" for one in results[:1])


def _type_message_and_body(case: ET.Element, results: list[ET.Element]) -> str:
    kind = _attribute(results[0], "type") if results else ""
    return f"{kind}: {_message_and_body(case, results)}"


def _message_else_body(_case: ET.Element, results: list[ET.Element]) -> str:
    return "".join(_attribute(one, "message") or _body(one)[:200] for one in results[:1])


def _with_output(case: ET.Element, results: list[ET.Element]) -> str:
    return f"{_message_and_body(case, results)}\n{_body(case.find('system-out'))}"


def _bodies_only(case: ET.Element, results: list[ET.Element]) -> str:
    same = [one for one in results if one.tag == results[0].tag]
    return "\n".join([*map(_body, same), _body(case.find("system-out"))])


def _last_wins(seen: list[Seen]) -> list[Seen]:
    return list({one.identity: one for one in seen}.values())


def _worst_wins(seen: list[Seen]) -> list[Seen]:
    order = ("error", "failed", "passed", "skipped")
    merged: dict[tuple[str, ...], Seen] = {}
    for one in seen:
        other = merged.get(one.identity, one)
        merged[one.identity] = min(other, one, key=lambda each: order.index(each.outcome))
    return list(merged.values())


def _all(root: ET.Element, *tags: str) -> Iterator[ET.Element]:
    return (element for tag in tags for element in root.iter(tag))


def _dorny(_xml: str, root: ET.Element) -> None:
    for element in _all(root, "testsuite", "testcase"):
        if element.get("name") is None:
            raise Refused(f"a {element.tag} without a name fails the action")
    if any(suite.get("time") is None for suite in _all(root, "testsuite")):
        raise Refused("a suite without a time is shown with NaN")


def _mikepenz(xml: str, root: ET.Element) -> None:
    # In well-formed XML these characters have no other meaning.
    if "<![CDATA[" in xml:
        raise Refused("commas are put into what stands in CDATA")
    _refuse_dots(root)


def _refuse_dots(root: ET.Element) -> None:
    """Refuse a class name with a dot, at which the consumer would split the name."""
    for case in _all(root, "testcase"):
        if "." in _attribute(case, "classname"):
            raise Refused("the class name is split at its last dot")


def _enricomi(xml: str, root: ET.Element) -> None:
    try:
        etree.fromstring(xml.encode(), etree.XMLParser(huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise Refused(f"a text is too large: {error}") from None
    for suite in _all(root, "testsuite"):
        for name in _COUNTERS:
            if not re.fullmatch("[0-9]+", _attribute(suite, name)):
                raise Refused(f"it cannot count by {name}={suite.get(name)!r}")
    for element in root.iter():
        time = element.get("time", "0")
        if not re.fullmatch(r"[0-9.]+", time) or not math.isfinite(float(time)):
            raise Refused(f"it crashes on time={time!r}")


def _gitlab(xml: str, root: ET.Element) -> None:
    if len(xml.encode()) > 30 * MEGABYTE:
        raise Refused("a report over 30 MB is not read")
    for element in root.iter():
        if element.get("type") in ("symbol", "yaml", "integer", "array"):
            raise Refused(f"type={element.get('type')!r} loses the whole report")
        inside = "" if element.text is None or not len(element) else element.text
        if (inside + (element.tail or "")).strip():
            raise Refused("stray text loses what stands beside it")
    for case in _all(root, "testcase"):
        outputs = case.findall("system-out")
        if len(outputs) > 1:
            raise Refused("a second system-out loses the case")
        if "[[ATTACHMENT|" in _body(case.find("system-out")):
            raise Refused("it shows a file that the output orders it to show")
        if case.get("file") is not None:
            raise Refused("it links a file that is not there")


def _azure(_xml: str, root: ET.Element) -> None:
    for case in _all(root, "testcase"):
        if not _attribute(case, "name"):
            raise Refused("a case without a name is dropped")
        if len(_attribute(case, "name")) > 512:
            raise Refused("a name over 512 characters is cut")


def _jenkins(_xml: str, root: ET.Element) -> None:
    if root.find(".//testcase") is None:
        raise Refused("a report without tests aborts the build step")
    suites = [(suite.get("name"), suite.get("id")) for suite in _all(root, "testsuite")]
    if len(set(suites)) < len(suites):
        raise Refused("suites of one name and id become one")
    _refuse_dots(root)


def _xunit(xml: str, root: ET.Element) -> None:
    for element in root.iter():
        needed, allowed, children = _SCHEMA.get(element.tag, ("", "", ""))
        if element.tag not in _SCHEMA:
            raise Refused(f"the schema has no {element.tag}")
        if missing := set(needed.split()) - set(element.attrib):
            raise Refused(f"a {element.tag} needs {missing}")
        if other := set(element.attrib) - set(f"{needed} {allowed}".split()):
            raise Refused(f"a {element.tag} cannot have {other}")
        if other := {child.tag for child in element} - set(children.split()):
            raise Refused(f"a {element.tag} cannot hold {other}")
        if element.tag != "testcase" and not _SCHEMA_TIME.fullmatch(element.get("time", "")):
            raise Refused(f"time={element.get('time')!r} has more than three decimals")
        if len(element.findall("system-out")) > 1:
            raise Refused("more than one system-out")
    _jenkins(xml, root)


_SCHEMA_TIME = re.compile(r"[0-9]*(\.[0-9]{0,3})?")
# By element: its required attributes, its optional ones, and its possible children.
_SCHEMA = {
    "testsuites": ("", "name time tests failures errors", "testsuite"),
    "testsuite": (
        "name tests failures errors",
        "time skipped timestamp hostname id package",
        "testsuite properties testcase system-out system-err",
    ),
    "properties": ("", "", "property"),
    "property": ("name value", "", ""),
    "testcase": (
        "name",
        "time classname",
        "skipped error failure flakyFailure flakyError system-out system-err",
    ),
    "flakyFailure": ("type", "message", "stackTrace"),
    "flakyError": ("type", "message", "stackTrace"),
    "stackTrace": ("", "", ""),
    "failure": ("", "type message", ""),
    "error": ("", "type message", ""),
    "skipped": ("", "type message", ""),
    "system-out": ("", "", ""),
    "system-err": ("", "", ""),
}


def _buildkite(_xml: str, root: ET.Element) -> None:
    if sum(1 for _ in _all(root, "testcase")) > 5_000:
        raise Refused("over 5,000 results in a file fail")


DORNY = Consumer(
    "dorny/test-reporter",
    _named("suite", "classname", "name"),
    ("failure", "error", "skipped"),
    _type_message_and_body,
    _dorny,
    nested=False,
)
MIKEPENZ = Consumer(
    "mikepenz/action-junit-report",
    _named("classname", "name"),
    ("skipped", "failure", "error"),
    _message_else_body,
    _mikepenz,
)
ENRICOMI = Consumer(
    "EnricoMi/publish-unit-test-result",
    _named("classname", "name"),
    ("error", "failure", "skipped"),
    _with_output,
    _enricomi,
    _worst_wins,
)
GITLAB = Consumer(
    "GitLab",
    _named("suite", "classname", "name"),
    ("failure", "error", "skipped"),
    _bodies_only,
    _gitlab,
    _last_wins,
)
JENKINS = Consumer(
    "Jenkins junit",
    _named("suite", "classname", "name"),
    ("skipped", "error", "failure"),
    _message_and_body,
    _jenkins,
)
XUNIT = Consumer(
    "Jenkins xUnit",
    _named("suite", "classname", "name"),
    ("skipped", "error", "failure"),
    _message_and_body,
    _xunit,
)
AZURE = Consumer(
    "Azure DevOps",
    _named("name"),
    ("failure", "error", "skipped"),
    _with_output,
    _azure,
)
BUILDKITE = Consumer(
    "Buildkite",
    _named("classname", "name"),
    ("failure", "error", "skipped"),
    _message_and_body,
    _buildkite,
    every=True,
)
CONSUMERS = (DORNY, MIKEPENZ, ENRICOMI, GITLAB, JENKINS, XUNIT, AZURE, BUILDKITE)
