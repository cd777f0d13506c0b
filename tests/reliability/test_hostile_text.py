"""Hostile text."""

from __future__ import annotations

import html
import json
import os
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gatekeeper.platforms.outputs import OUTPUTS
from gatekeeper.simulator import Fault, Simulator
from support import azure_agent
from support.builders import (
    Json,
    assertion,
    context,
    finished,
    flow,
    greeting,
    response,
    step,
    text,
)
from support.consumers import CONSUMERS, Truth, misreadings
from support.github_runner.commands import outputs_of
from support.log_commands import commands_in
from support.program import Program
from support.service_messages import messages_in
from support.trials import REPORTS

# Whatever a bot says: this long a run may take, and so much a file or the log may grow to.
SECONDS = 15
BYTES = 4_000_000
LINE = 10_000_000

NEWLINES = ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
COMMANDS = (
    "::error file=a.py,line=1::owned",
    "::set-output name=verdict::passed",
    "::add-mask::e",
    "::stop-commands::x",
    " \t\u3000::warning::owned",
    "##[error]owned",
    "##[[##[command]x",
    ":::notice::owned",
    "\x1b[0m::error::owned",
    "\x00::error::owned",
    "#\x00#[error]owned",
    "\u202e::error::owned",
    "\u200b:\ufeff:error::owned",
    "#\u00ad#[error]owned",
    "##vso[task.complete result=Succeeded;]owned",
    "owned ##vso[task.setvariable variable=PATH]owned",
    "##v\u2060so[task.prependpath]owned",
    "%0A##vso[task.complete result=Succeeded;]owned",
    "]##vso[task.setvariable variable=verdict;isoutput=true]passed",
    "##teamcity[buildStatus status='SUCCESS' text='owned']",
    "|n##teamcity[buildStatus status='SUCCESS' text='owned']",
    "'] ##teamcity[enableServiceMessages]",
    "--- owned",
    "+++ owned",
    "~~~ owned",
    "^^^ +++",
    "travis_fold:start:owned",
)
ATTACKS = {
    "control characters": "".join(map(chr, (*range(32), *range(127, 160)))),
    "lone surrogates, each half of a pair": "a\ud800 \udfff\udc00 \udbffz \udc80",
    "characters that XML forbids": "a\ufffe\uffff\ufeff\U0001ffff\x00z",
    "terminal escapes: colours, cursor moves, titles, links, cut ones": (
        "\x1b[31mred\x1b[0m \x1b[2J\x1b[1;1H\x1b[999D \x1b]0;title\x07 "
        "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\ \x1bP1;1|x\x1b\\ \x9b31m \x1bc "
        "\b\b\b \x1b\x1b[[31m \x1b]8;;https://evil.example"
    ),
    "line ends of every kind": "".join(f"{end}line" for end in NEWLINES),
    "commands for GitHub, Azure, TeamCity, Buildkite and Travis, after every line end": "".join(
        end + command for command in COMMANDS for end in ("", "\n", "\r", "\x85", "\u2028")
    ),
    "section markers": (
        "\x1b[0Ksection_start:1700000000:x[collapsed=true]\r\x1b[0KHeader\n"
        "section_end:1700000000:x\r\x1b[0K\nsection_start:1:y\r"
    ),
    "Markdown": (
        "| a | b |\n|---|---|\n# head\n> quote\n* * *\n[click](javascript:alert(1)) "
        "![x](https://evil.example/x.png) `code` ```\n**b** _i_ ~~s~~ \\| [^1] - [x] :bomb:"
    ),
    "HTML, entities, CDATA and a DTD": (
        "<script>alert(1)</script><img src=x onerror=alert(1)><!-- &lt; &#0; &#x1b; &amp; "
        "]]> <![CDATA[x]]> <!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e; <?x?> "
        "</failure></testcase><testcase name='injected'/> \"quoted\" 'too'"
    ),
    "formulas": "=cmd|' /C calc'!A0\n=1+1\n+1\n-1\n@SUM(1)\n\t=1",
    "paths that lead elsewhere": (
        "../../x ../../../../etc/passwd /etc/passwd ..\\..\\x C:\\x file:///x %2e%2e%2fx ~/x "
        "x\x00.xml"
    ),
    "orders to show a file": (
        "[[ATTACHMENT|/etc/passwd]] [[[ATTACHMENT|/etc/passwd]] [\x00[ATTACHMENT|/etc/passwd]]"
    ),
    "bidirectional controls": "\u202egnp.exe\u202c \u2066a\u2069 \u2067b \u200f\u200e\u061c \u202d",
    "mentions, references and links": (
        "@everyone @org/team #1 org/repo#2 GH-3 https://evil.example http://evil.example "
        "www.evil.example a@evil.example mailto:a@evil.example <https://evil.example>"
    ),
    "outputs within an output": (
        "ctr\nverdict=passed\nverdict<<EOF\npassed\nEOF\nexit-code=0\r\nx<<y"
    ),
    "words that a reader takes as a type or a number": "symbol yaml array integer NaN 1.0 null",
    "a message template that holds all of it": json.dumps(
        {
            "type": "template",
            "payload": {
                "text": "\x1b[31m\n::error::x\r##[error]x <b> @x",
                "buttons": [{"title": "\n::error::y"}, "[[ATTACHMENT|x]]"],
                "elements": [{"title": "\r##[error]z\x00", "subtitle": "]]>"}],
            },
        }
    ),
}


def attacks(outcome: str) -> list[Any]:
    """Return each attack as the parameter of a test that shows this outcome."""
    return [
        pytest.param(attack, id=name.replace(" ", "-"), marks=pytest.mark.proves(name, outcome))
        for name, attack in ATTACKS.items()
    ]


def everywhere(attack: str) -> Json:
    """Build an answer that holds a text wherever it can hold one."""
    failed: Json = {"status": "failed"}
    named = response(
        attack,
        text=text(attack, f"{attack}{attack}", status="failed"),
        flowLevel=assertion(
            {attack: attack, "nodeId": attack, **failed}, {"x": attack, "actual": attack, **failed}
        )
        | failed,
        context=assertion({"name": attack, "value": attack, "actual": attack, **failed}) | failed,
    )
    named |= dict.fromkeys(("nodeId", "nodeName", "intentId", "dialogName", attack), attack)
    named["transitionNodeNames"] = [attack, {attack: attack}]
    odd = response("x", text=text("x") | {"status": attack}, flowLevel=flow("x"))
    odd["assertions"] |= {
        f"1{attack}": assertion({attack: attack}, status="failed"),
        f"2{attack}": assertion({attack: attack}, status=attack),
        f"3{attack}": assertion({"status": 7}),
        f"4{attack}": {attack: attack},
    }
    one = context(attack, attack)
    one["contains"][0]["status"] = attack
    loose = response("y", context=one) | {"textMismatch": attack}
    steps = (
        step(attack, named, status="failed", event=attack, requestId=attack),
        step(None, odd, event=attack, requestId=[attack]),
        step({attack: [attack]}, loose),
        step(attack, greeting()["outputs"][0], status=attack),
        step(attack, status="notexecuted"),
    )
    answer = finished(*steps, status=attack, _id=attack, streamId=attack, testSuiteId=attack)
    answer |= {"errors": [{"msg": attack, "code": attack}], attack: attack}
    answer["result"] |= {
        "status": attack,
        "version": attack,
        "startTime": attack,
        "errorDetails": {attack: attack},
        "fileUrl": f"https://bots.example/{attack}",
        "duration": attack,
    }
    return answer


@dataclass(frozen=True)
class Ran:
    """What a run of the program left behind: bytes, as whoever reads them gets them."""

    code: int
    log: bytes
    folder: Path

    def file(self, name: str) -> bytes:
        """Return a file that was written."""
        return (self.folder / name).read_bytes()

    @property
    def result(self) -> Any:
        """Return what `result.json` holds."""
        return json.loads(self.file("gatekeeper-report/result.json").decode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return deep(tmp_path)


def deep(top: Path) -> Path:
    """Make a folder so deep that a step up or two from it is still the test's own."""
    folder = top / "a" / "b" / "c"
    folder.mkdir(parents=True)
    return folder


def with_each(tmp_path: Path, attempt: Callable[[Path, str], Ran]) -> list[Ran]:
    """Run the program with each of the texts, several at a time, each in a folder of its own."""
    folders = [deep(tmp_path / str(number)) for number in range(len(ATTACKS))]
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(attempt, folders, ATTACKS.values()))


def run(folder: Path, *arguments: str, **environ: str) -> Ran:
    """Run the program to its end, as a step of a job on GitHub."""
    github = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary"}
    done = Program(folder).run_bytes(arguments, github | environ, timeout=SECONDS)
    assert done.stderr == b""
    return Ran(done.returncode, done.stdout, folder)


def check(folder: Path, *bodies: bytes, **environ: str) -> Ran:
    """Judge saved answers."""
    names = [f"answer{number}.json" for number in range(len(bodies))]
    for name, body in zip(names, bodies, strict=True):
        (folder / name).write_bytes(body)
    return run(folder, "check", *names, **environ)


def as_setting(attack: str) -> str:
    """Return what of a text the environment of a process can hold."""
    return "".join(one for one in attack if one != "\0" and not "\ud800" <= one <= "\udfff")


def assert_inert(ran: Ran, *, red: bool = True) -> None:
    """Hold everything that a run wrote to what its readers need."""
    assert_files(ran)
    assert_log(ran.log.decode())
    assert_xml(ran, red=red)
    for summary in ("summary", "gatekeeper-report/summary.md"):
        assert_summary(ran.file(summary).decode())
    assert_page(ran.file("gatekeeper-report/report.html").decode())
    etree.fromstring(ran.file("gatekeeper-report/badge.svg"))
    assert set(outputs_of(ran.file("output").decode())) == set(OUTPUTS)


def assert_files(ran: Ran) -> None:
    """Nothing was written but the reports, and none of them is large."""
    top = ran.folder.parents[2]
    found = {str(path.relative_to(ran.folder)) for path in ran.folder.rglob("*") if path.is_file()}
    assert {path for path in top.rglob("*") if path.is_file()} == {
        ran.folder / one for one in found
    }
    reports = {f"gatekeeper-report/{name}" for name in REPORTS}
    written = {name for name in found if not re.fullmatch(r"answer\d+\.json", name)}
    assert written == reports | {"output", "summary"}
    for name in written:
        assert len(ran.file(name)) < BYTES, name
    # Beyond this, the runner drops the summary and the outputs.
    assert len(ran.file("output") + ran.file("summary")) < 1_000_000
    assert len(ran.log) < BYTES


def assert_log(log: str) -> None:
    """No line is a command to a CI platform, and no character one to a terminal."""
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", log)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", log)
    assert commands_in(log) == []


class Page(HTMLParser):
    """Collects what a page has in it that could do something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts = 0
        self.active: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag in {"base", "embed", "form", "iframe", "img", "link", "object", "video"}:
            self.active.append(tag)
        for name, value in attrs:
            plain_link = name == "href" and (value or "").startswith(("#", "https://"))
            if name.startswith("on") or (name in {"href", "src", "style"} and not plain_link):
                self.active.append(f"{tag} {name}={value}")


def assert_page(page: str) -> None:
    """Nothing in the page does anything but its own script, and no character is a trick."""
    found = Page(page)
    assert (found.scripts, found.active) == (1, [])
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


def assert_xml(ran: Ran, *, red: bool) -> None:
    """It is well-formed, says what the result says, and says so to everyone."""
    xml = ran.file("gatekeeper-report/junit.xml")
    parsed = etree.fromstring(xml, etree.XMLParser(huge_tree=False, load_dtd=False))
    assert {element.tag for element in parsed.iter()} <= {
        "testsuites", "testsuite", "properties", "property", "testcase",
        "failure", "error", "skipped", "system-out",
    }  # fmt: skip
    runs = ran.result["runs"]
    cases = [(case["outcome"], "") for one in runs for case in one["cases"]]
    assert (ran.result["verdict"] != "passed") is red
    truth = Truth(red, tuple(cases))
    problems = (misreadings(consumer, xml.decode(), truth) for consumer in CONSUMERS)
    assert [problem for found in problems for problem in found] == []


# What a summary is made of besides text; whatever else looks like an element came from outside.
ELEMENTS = re.compile(
    r"</?(?:details|summary|pre|del|ins|br)>|<details open>"
    r'|<a href="https://[\w/?=.:%~+,;-]*(?:&amp;[\w/?=.:%~+,;-]*)*">(?:[\w… -]|&#\d+;)*</a>'
)


def assert_summary(summary: str) -> None:
    """It is a headline, a table with a row for each run, and transcripts; all else is text."""
    title, *lines = summary.split("\n")
    table = next(number for number, line in enumerate(lines) if line.startswith("| Suite "))
    head, rule, *_ = lines[table:]
    assert re.match("### [❌⚠✅]\ufe0f? gatekeeper: ", title)
    columns = head.count("|")
    assert (columns in (4, 5), set(rule)) == (True, {"|", "-"})
    for line in lines:
        text = ELEMENTS.sub("", line.removeprefix("- "))
        assert text.count("|") in (0, columns)
        plain = re.sub(r"&#[0-9]+;", "", text.replace("|", ""))
        assert not set(plain) & set("<>`*_[]{}()\\@#!&~")
        # A link, a mention or a reference is made of what an entity stands for, too.
        assert not re.search(r"://|www\.|[@#]\w", html.unescape(text), re.IGNORECASE)
    assert summary.count("<details") == summary.count("\n\n</details>\n")
    assert summary.count("<pre>") == summary.count("</pre>\n\n</details>\n")


@pytest.mark.parametrize(
    "attack",
    attacks("every report stays whole and well-formed, and nothing in it or in the log acts"),
)
def test_a_text_in_every_place_of_an_answer_does_nothing(folder: Path, attack: str) -> None:
    body = json.dumps(everywhere(attack)).encode()
    ran = check(folder, body, GATEKEEPER_TEST_SUITE=as_setting(attack))
    assert_inert(ran)
    assert ran.code == 1


@pytest.mark.proves(
    "all of these texts, in runs that passed",
    "passed: what a bot says is never a reason to fail",
)
def test_passed_runs_with_such_texts_still_pass(folder: Path) -> None:
    bodies = []
    for attack in ATTACKS.values():
        says = response(attack, text=text(attack, attack), context=context(attack, attack))
        fields = {"requestId": attack, "event": attack, attack: attack}
        bodies.append(json.dumps(finished(step(attack, says, **fields), _id=attack)).encode())
    ran = check(folder, *bodies)
    assert_inert(ran, red=False)
    assert ran.code == 0


@pytest.mark.proves(
    "all of these texts, in a log that the agent of Azure Pipelines or TeamCity reads",
    "it obeys only gatekeeper's own commands",
)
def test_an_agent_obeys_only_what_the_gate_itself_says(folder: Path) -> None:
    bodies = [json.dumps(everywhere(attack)).encode() for attack in ATTACKS.values()]
    for number, body in enumerate(bodies):
        (folder / f"answer{number}.json").write_bytes(body)
    arguments = ("check", *(f"answer{number}.json" for number in range(len(bodies))))
    azure = {"TF_BUILD": "True", "AGENT_TEMPDIRECTORY": str(folder)}
    done = Program(folder).run_bytes(arguments, azure, timeout=SECONDS)
    log = azure_agent.Log()
    for line in re.split("\r\n|\r|\n", done.stdout.decode()):
        log.read(line)
    assert (done.returncode, done.stderr, log.problems, log.masks) == (1, b"", [], [])
    assert log.variables.keys() == {name.replace("-", "_") for name in OUTPUTS}
    assert log.variables["verdict"] == "failed"
    assert len(log.issues) == 20
    assert len(log.summaries) == 1
    assert commands_in(log.text) == []
    done = Program(folder).run_bytes(arguments, {"TEAMCITY_VERSION": "1"}, timeout=SECONDS)
    messages = messages_in(done.stdout.decode())
    names = {"message": 20, "importData": 1, "setParameter": len(OUTPUTS), "buildStatus": 1}
    assert Counter(message.name for message in messages) == names
    lines = done.stdout.decode().splitlines()
    assert commands_in("\n".join(one for one in lines if not one.startswith("##teamcity["))) == []


@pytest.mark.proves(
    "a field named like any of these texts that appears twice",
    "a malformed response, reported as plain text",
)
def test_a_name_that_stands_twice_is_told_as_plain_text(folder: Path) -> None:
    names = map(json.dumps, ATTACKS.values())
    ran = check(folder, *(f"{{{name}:1,{name}:2}}".encode() for name in names))
    assert_inert(ran)
    assert ran.code == 3


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(
            place,
            marks=pytest.mark.proves(
                f"each of these texts as {place}", "no verdict; the text is shown as plain text"
            ),
        )
        for place in (
            "the error of a rejected start",
            "the body of an error that is not JSON",
            "the error of a rejected poll",
            "the id of the run that was started",
        )
    ],
)
def test_a_text_of_the_server_does_nothing(tmp_path: Path, place: str) -> None:
    def attempt(folder: Path, attack: str) -> Ran:
        refusal = json.dumps({"errors": [{"msg": attack, "code": 4002}]})
        raw = attack.encode("utf-8", "surrogatepass")
        fault = {
            "the error of a rejected start": Fault("start", status=400, body=refusal),
            "the body of an error that is not JSON": Fault("start", status=404, body=raw),
            "the error of a rejected poll": Fault("status", status=403, body=refusal),
            "the id of the run that was started": Fault(
                "start", body=json.dumps({"testRunId": attack})
            ),
        }[place]
        with Simulator(speed=1_000_000, faults=[fault]) as simulator:
            return run(folder, **simulator.environment())

    for ran in with_each(tmp_path, attempt):
        assert_inert(ran)
        assert ran.code == 3


@pytest.mark.proves(
    "each of these texts as the suite's name",
    "requested by exactly that name, and shown as plain text",
)
def test_a_suite_of_such_a_name_is_run_and_reported(tmp_path: Path) -> None:
    def attempt(folder: Path, attack: str) -> Ran:
        # A line is a suite.
        name = as_setting(attack).replace("\n", " ").strip()
        with Simulator(speed=1_000_000) as simulator:
            simulator.add_suite(name, finished(greeting()) | {"_id": None, "streamId": None})
            return run(folder, **simulator.environment(suite=name))

    for ran in with_each(tmp_path, attempt):
        assert_inert(ran, red=False)
        assert ran.code == 0


@pytest.mark.proves(
    "a suite's name that is not valid UTF-8",
    "no crash: the job ends with a reason, with reports or as a wrong setting",
)
def test_a_suites_name_of_stray_bytes_ends_with_a_reason(program: Program) -> None:
    name = os.fsdecode(b"Caf\xe9 \xff")
    with Simulator(speed=1_000_000) as simulator:
        done = program.run(**simulator.environment() | {"GATEKEEPER_TEST_SUITE": name})
    assert done.returncode == 2
    assert "GATEKEEPER_TEST_SUITE" in done.stderr
    for bug in ("Traceback", "report this as a bug", "broke"):
        assert bug not in done.stdout + done.stderr


@pytest.mark.proves(
    "a redirect to a URL that contains a workflow command",
    "the log shows the URL as plain text",
)
def test_the_target_of_a_redirect_is_shown_as_plain_text(folder: Path) -> None:
    target = "https://evil.example/\x1b[31m##[error]x ::error::y"
    fault = Fault("start", status=302, headers={"Location": target})
    with Simulator(faults=[fault]) as simulator:
        ran = run(folder, **simulator.environment())
    assert_inert(ran)
    assert b"redirects to https://evil.example/" in ran.log


@pytest.mark.proves(
    "a link to the results that is a command, markup or not a link",
    "only a plain https link is shown, and it is inert",
)
@pytest.mark.parametrize(
    "link",
    [
        "https://bots.example/##[error]x::error::y",
        "https://bots.example/<b>|@x](y)[[ATTACHMENT|x]]",
        "javascript:alert(1)",
        "https://bots.example/\n::error::x",
        "https://bots.example/\x1b]8;;x",
        "https://bots.example/\u202e",
        "../../x",
        "file:///etc/passwd",
    ],
)
def test_a_link_to_the_results_is_plain_or_not_shown(folder: Path, link: str) -> None:
    answer = finished(greeting())
    answer["result"]["fileUrl"] = link
    ran = check(folder, json.dumps(answer).encode())
    assert_inert(ran, red=False)
    if not link.startswith("https://bots.example/") or not link.isascii() or not link.isprintable():
        assert ran.result["runs"][0]["results_url"] is None


def long_line(place: str) -> bytes:
    """Return an answer with a line of ten megabytes in one place of it."""
    long = "x" * LINE
    if place == "a name that stands twice":
        return f'{{"{long[: LINE // 4]}":1,"{long[: LINE // 4]}":2}}'.encode()
    failing = response("No", text=text("Yes", status="failed"))
    answer = finished(step("hi", failing, status="failed"), status="failed")
    one = answer["result"]["executionResults"][0]
    holders: dict[str, Json] = {
        "the user's input": one,
        "an event": one,
        "a step's state": one,
        "a request id": one,
        "the text of a response": one["actualOutput"][0],
        "the name of a node": one["actualOutput"][0],
        "an expected variation": one["outputs"][0]["assertions"]["text"]["contains"][0],
        "an assertion's state": one["outputs"][0]["assertions"]["text"],
        "the run's state": answer,
        "the run's id": answer,
        "the error details": answer["result"],
        "the link to the results": answer["result"],
        "a kind of assertion": one["outputs"][0]["assertions"],
        "a variable": one["outputs"][0]["assertions"],
    }
    changes: dict[str, Json] = {
        "the user's input": {"input": long},
        "an event": {"input": None, "event": long},
        "a step's state": {"status": long},
        "a request id": {"requestId": long},
        "the text of a response": {"text": long},
        "the name of a node": {"nodeName": long, "transitionNodeNames": [long]},
        "an expected variation": {"text": long},
        "an assertion's state": {"status": long},
        "the run's state": {"status": long},
        "the run's id": {"_id": long},
        "the error details": {"errorDetails": long},
        "the link to the results": {"fileUrl": f"https://bots.example/{long}"},
        "a kind of assertion": {long: assertion(status="failed")},
        "a variable": {"context": context(long, long, status="failed")},
    }
    holders[place].update(changes[place])
    return json.dumps(answer).encode()


@pytest.mark.proves(
    "a line of 10 MB, anywhere in a response",
    "reports, log and outputs stay small, within seconds",
)
@pytest.mark.parametrize(
    "place",
    [
        "the user's input",
        "an event",
        "a step's state",
        "a request id",
        "the text of a response",
        "the name of a node",
        "an expected variation",
        "an assertion's state",
        "the run's state",
        "the run's id",
        "the error details",
        "the link to the results",
        "a kind of assertion",
        "a variable",
        "a name that stands twice",
    ],
)
def test_a_line_of_ten_megabytes_is_cut(folder: Path, place: str) -> None:
    ran = check(folder, long_line(place))
    assert_inert(ran)
    assert ran.code in (1, 3)


@pytest.mark.proves(
    "a server that responds with an error or an id of 10 MB",
    "reports, log and outputs stay small",
)
@pytest.mark.parametrize("answer", ["an error", "no JSON", "an id"])
def test_an_answer_of_ten_megabytes_is_cut(folder: Path, answer: str) -> None:
    long = "x" * LINE
    fault = {
        "an error": Fault("start", status=400, body=json.dumps({"errors": [{"msg": long}]})),
        "no JSON": Fault("start", status=400, body=long),
        "an id": Fault("start", body=json.dumps({"testRunId": long})),
    }[answer]
    with Simulator(speed=1_000_000, faults=[fault]) as simulator:
        ran = run(folder, **simulator.environment())
    assert_inert(ran)
    assert ran.code == 3


def multitude(kind: str) -> bytes:
    """Return an answer of two megabytes at most, made to cost far more than it weighs."""
    many = 50_000
    if kind == "names in one object, the last of them twice":
        names = ",".join(f'"{number}":0' for number in range(4 * many))
        return f'{{{names},"{4 * many - 1}":0}}'.encode()
    if kind == "line ends":
        failing = response("No", text=text("Yes", status="failed"))
        failing["assertions"]["\n" * many * 4] = assertion(status="failed")
    elif kind == "items of a wrong type in one assertion":
        failing = response("No", text=assertion(*[{"status": 1}] * many))
    elif kind == "kinds of assertion in one response":
        failing = response("No")
        failing["assertions"] |= {f"k{n}": {"status": "odd"} for n in range(many // 2)}
    else:
        items = [{"dialogName": "x", "status": "failed"} for _ in range(many // 2)]
        failing = response("No", flowLevel=assertion(*items, status="failed"))
        failing["dialogName"] = "y" * many * 4
    return json.dumps(finished(step("hi", failing))).encode()


@pytest.mark.proves(
    "a response of 2 MB that is made to cost quadratic time or log",
    "judged within seconds; reports and log stay small",
)
@pytest.mark.parametrize(
    "kind",
    [
        "names in one object, the last of them twice",
        "line ends",
        "items of a wrong type in one assertion",
        "kinds of assertion in one response",
        "items that each repeat a long answer",
    ],
)
def test_an_answer_that_multiplies_is_judged_in_time(folder: Path, kind: str) -> None:
    ran = check(folder, multitude(kind))
    assert ran.code in (1, 3)
    assert_inert(ran)


@pytest.mark.proves(
    "a value nested as deeply as is still readable, anywhere",
    "a verdict or a malformed response, and all reports",
)
@pytest.mark.parametrize(
    "place", ["input", "event", "requestId", "nodeName", "text", "item", "errors", "errorDetails"]
)
def test_a_value_at_the_limit_of_nesting_is_reported_or_refused(folder: Path, place: str) -> None:
    deep = "DEEP"
    item = {"value": deep, "status": "failed"}
    says = response(deep if place == "text" else "x", context=assertion(item, status="failed"))
    if place == "item":
        says["assertions"]["text"] = assertion({"value": deep}, status="failed")
    else:
        item["value"] = "x"
        says["nodeName"] = deep if place == "nodeName" else "x"
    answer = finished(step(None, says, status="failed"), status="failed")
    one = answer["result"]["executionResults"][0]
    if place in ("errors", "errorDetails"):
        (answer if place == "errors" else answer["result"])[place] = deep
    elif place in ("input", "event", "requestId"):
        one[place] = deep
    body = json.dumps(answer)
    bodies = [
        body.replace(f'"{deep}"', f"{'[' * depth}{']' * depth}").encode()
        for depth in range(900, 1001)
    ]
    assert len(set(bodies)) == len(bodies)
    ran = check(folder, *bodies)
    assert ran.code in (1, 3)
    assert_xml(ran, red=True)
    assert len(ran.result["runs"]) == len(bodies)
