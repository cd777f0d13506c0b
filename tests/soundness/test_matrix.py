"""Combinations: every policy with every shape of response, every set of reports, and a merge.

By default the combinations are so many that any two things meet; a nightly profile holds all of
them.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from gatekeeper.core.outcomes import Check
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.result_file.write import result_json
from support.consumers import CONSUMERS, RUN_CASE, RUN_CLASS, Truth, misreadings
from support.soundness.answers import ENDS, SHAPES, Known, answer_of, known_by
from support.soundness.in_process import run
from support.soundness.platform import Platform, Scripted

NIGHTLY = os.environ.get("GATEKEEPER_SOUNDNESS") == "nightly"
# How many gates and merges were held to what is known, by how they ended.
ENDED: Counter[str] = Counter()

_KNOWN = '[[known-failure]]\nstep = "one"\nreason = "BOT-1"\nuntil = {}\n'
# By name: what stands in gatekeeper.toml.
POLICIES = {
    "strict": "",
    **{f"accept {check}": f'accept = ["{check}"]\n' for check in Check},
    "accept all": f"accept = {json.dumps(list(Check))}\n",
    "known": _KNOWN.format("2999-01-31"),
    "expired": _KNOWN.format("2001-01-31"),
    "baseline": 'baseline = "before/result.json"\n',
    "baseline of another language": 'baseline = "foreign/result.json"\n',
    "no baseline": 'baseline = "nowhere/result.json"\n',
    "rate met": "min-pass-rate = 60\n",
    "rate missed": "min-pass-rate = 90\n",
    "rate 0": "min-pass-rate = 0\n",
    "not blocking": "blocking = false\n",
    "strict text": "strict-text = true\n",
    "accept all, not blocking": f"blocking = false\naccept = {json.dumps(list(Check))}\n",
}
# By name: how the attempts before the last one end, and what is asked for.
ATTEMPTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "once": ((), ()),
    "may retry": ((), ("--retries", "2")),
    "failed before": (("failed",), ("--retries", "1")),
    "failed twice before": (("all failed", "failed"), ("--retries", "2")),
    "broken before": (("error",), ("--retries", "1")),
    "not startable before": (("refused",), ("--retries", "1")),
    "failed before, no flaky": (("failed",), ("--retries", "1", "--fail-on-flaky")),
    "attached": ((), ("--test-run-id", "ctr-m1")),
}
REPORTS = ("junit", "result", "page", "summary", "badge", "junit,summary", "result,page,badge")
MERGES = {
    "alone": "",
    "with one that failed": "failing",
    "with one that passed": "passing",
}


class Combination(NamedTuple):
    """Something of each kind."""

    shape: str
    end: str
    policy: str
    attempts: str
    reports: str
    merge: str


class Expected(NamedTuple):
    """How a gate has to end."""

    code: int
    verdict: str


_PASSED, _FAILED = Expected(0, "passed"), Expected(1, "failed")
_ERROR, _TIMEOUT = Expected(3, "error"), Expected(4, "timeout")


def expected(combination: Combination) -> Expected:
    """Say how a gate has to end, by what its answers let anybody know."""
    before, options = ATTEMPTS[combination.attempts]
    most = 1 + (int(options[1]) if "--retries" in options else 0)
    failed = False
    for number, end in enumerate((*before, *[combination.end] * most)[:most]):
        if end == "refused":
            return _ERROR
        judged = _judged(known_by(end, combination.shape), combination)
        if judged != _FAILED:
            if not failed:
                return judged
            flaky = number and "--fail-on-flaky" in options
            return _PASSED if judged == _PASSED and not flaky else _FAILED
        failed = True
    return _FAILED


def _judged(known: Known, combination: Combination) -> Expected:
    if known.endless:
        return _TIMEOUT
    mismatch = known.mismatch and combination.policy == "strict text"
    if mismatch or (known.fails and not _excused(known, combination)):
        return _FAILED
    doubts = set(known.doubts)
    if combination.attempts == "attached":
        # It may be of any version.
        doubts.discard(Check.VERSION)
    accepted = {check for check in Check if combination.policy == f"accept {check}"}
    if combination.policy.startswith("accept all"):
        accepted = set(Check)
    return _PASSED if doubts <= accepted else _ERROR


def _excused(known: Known, combination: Combination) -> bool:
    if combination.policy.endswith("not blocking"):
        return True
    if combination.policy in ("known", "baseline"):
        return bool(known.failed) and known.failed <= {"one"}
    rate = {"rate met": 60, "rate missed": 90, "rate 0": 0}.get(combination.policy)
    # It is a share of what was executed and judged.
    sound = not known.doubts & {Check.NOT_EXECUTED}
    return (
        rate is not None
        and sound
        and bool(known.total)
        and known.passed >= known.total * rate / 100
    )


def combinations() -> Iterator[Combination]:
    """Yield all combinations, or so many that each pair of things is there."""
    kinds = (SHAPES, ENDS, POLICIES, ATTEMPTS, REPORTS, MERGES)
    everything = itertools.product(*kinds)
    if NIGHTLY:
        yield from itertools.starmap(Combination, everything)
        return
    shuffled = list(everything)
    random.Random(12).shuffle(shuffled)  # noqa: S311 - the same ones each time
    unseen = sum(len(one) * len(other) for one, other in itertools.combinations(kinds, 2))
    seen: set[object] = set()
    for combination in itertools.starmap(Combination, shuffled):
        pairs = set(itertools.combinations(enumerate(combination), 2))
        if not pairs <= seen:
            seen |= pairs
            yield combination
            if len(seen) == unseen:
                return


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the reports of earlier gates, for baselines, and of siblings to merge."""
    folder = tmp_path_factory.mktemp("matrix")
    for suite, place, end, *more in (
        ("Booking", "before", "fail one"),
        ("Booking", "foreign", "fail one", "--bot-language", "de"),
        ("Claims", "failing", "fail two"),
        ("Claims", "passing", "pass"),
    ):
        Platform.script = {suite: [end]}
        run(folder, ["gate", "--test-suite", suite, "--report-dir", place, *more])
    return folder


@pytest.mark.proves(
    "every policy with every shape of response, attempts, set of reports, and merge",
    "no exception; all reports agree with the exit code; nothing passes without a passed step",
)
def test_no_policy_makes_anything_of_an_answer_that_it_should_not(
    folder: Path, say_held: Callable[[str], None]
) -> None:
    held = 0
    for held, combination in enumerate(combinations(), 1):  # noqa: B007 - the figure is printed
        try:
            _hold(folder, combination)
        except Exception as error:
            raise AssertionError(f"of {combination}") from error
    say_held(f"{held:,} combinations: {dict(sorted(ENDED.items()))}")
    for end in (0, 1, 3, 4):
        assert ENDED[f"gate: exit {end}"] > 1, ENDED
        assert ENDED[f"merge: exit {end}"] > 1, ENDED


def _hold(folder: Path, combination: Combination) -> None:
    """Run the gate with all reports and with some of them, then the merge; hold all to the rule."""
    for place in ("all", "some", "merged"):
        shutil.rmtree(folder / place, ignore_errors=True)
    end = expected(combination)
    assert _gate(folder, combination, "", "all") == end.code
    saved = _hold_reports(folder / "all", end)
    [only] = saved["runs"]
    # What is green without a step that passed is so by an explicit policy alone.
    assert only["verdict"] != "passed" or only["steps"]["passed"]

    assert _gate(folder, combination, combination.reports, "some") == end.code
    names = {"junit": "junit.xml", "result": "result.json", "page": "report.html"}
    names |= {"summary": "summary.md", "badge": "badge.svg"}
    written = {file.name for file in (folder / "some").iterdir()}
    assert written == {names[report] for report in combination.reports.split(",")}
    if "result" in combination.reports:
        again = json.loads((folder / "some" / "result.json").read_bytes())
        assert _lasting(again) == _lasting(saved)

    body = (folder / "all" / "result.json").read_bytes()
    assert b"".join(result_json(gate_of(read_saved(body)))) == body
    sibling = MERGES[combination.merge]
    merged_end = _FAILED if sibling == "failing" else end
    places = filter(None, ("all", sibling))
    code, _ = run(folder, ["merge", *places, "--report-dir", "merged"])
    ENDED[f"merge: exit {code}"] += 1
    assert code == merged_end.code
    merged = _hold_reports(folder / "merged", merged_end)
    siblings = json.loads((folder / sibling / "result.json").read_bytes()) if sibling else {}
    assert merged["runs"] == [*saved["runs"], *siblings.get("runs", ())]
    if not sibling:
        drawn = [(folder / place / "junit.xml").read_bytes() for place in ("all", "merged")]
        assert drawn[0] == drawn[1]


def _gate(folder: Path, combination: Combination, reports: str, place: str) -> int:
    """Run the gate of a combination; its reports go to `place`."""
    before, options = ATTEMPTS[combination.attempts]
    ends = (*before, *[combination.end] * 3)
    Scripted.answers = [
        None if end == "refused" else answer_of(end, combination.shape, f"ctr-m{number}")
        for number, end in enumerate(ends, 1)
    ]
    Scripted.started = 0
    (folder / "gatekeeper.toml").write_text(POLICIES[combination.policy], encoding="utf-8")
    arguments = ["gate", "--test-suite", "Booking", "--report-dir", place, "--timeout", "60s"]
    arguments += ["--reports", reports] if reports else []
    code, log = run(folder, [*arguments, *options], Scripted)
    ENDED[f"gate: exit {code}"] += 1
    verdict = log.rstrip().rpartition("\n")[2]
    word = WORDS[{value: key for key, value in CODES.items()}[code]]
    assert re.match(rf"{word}\b.* \(exit code {code}\)$", verdict), log
    return code


def _lasting(saved: Any) -> Any:
    """Leave out what differs from gate to gate: how long they took, and when."""
    if isinstance(saved, dict):
        passing = ("duration", "started_at")
        return {name: _lasting(value) for name, value in saved.items() if name not in passing}
    return [*map(_lasting, saved)] if isinstance(saved, list) else saved


CODES = {"passed": 0, "failed": 1, "error": 3, "timeout": 4}
BADGES = {
    "passed": r"^(?:passed|tolerated)\b|suites (?:passed|tolerated)$",
    "failed": r"^failed\b|suites failed$",
    "error": r"^error\b|suites without a verdict$",
    "timeout": r"^timeout\b|suites without a verdict$",
}
WORDS = {"passed": "PASSED", "failed": "FAILED", "error": "ERROR", "timeout": "TIMEOUT"}


def _hold_reports(folder: Path, end: Expected) -> Any:
    """Hold all reports to the verdict, and to each other; return what `result.json` says."""
    saved = json.loads((folder / "result.json").read_bytes())
    assert (saved["verdict"], saved["exit_code"]) == (end.verdict, end.code)
    assert saved["unwritten"] == []
    summary = (folder / "summary.md").read_text(encoding="utf-8")
    icon, _, heading = summary.removeprefix("### ").partition(" ")
    assert (icon in "✅🟡") is (end.code == 0)
    assert heading.startswith(f"gatekeeper: {WORDS[end.verdict]}")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f"<title>{WORDS[end.verdict]}" in page
    badge = (folder / "badge.svg").read_text(encoding="utf-8")
    label = re.search('aria-label="conversations: ([^"]*)', badge)
    assert label, badge
    assert re.search(BADGES[end.verdict], label[1]), badge
    _hold_junit((folder / "junit.xml").read_text(encoding="utf-8"), saved["runs"])
    return saved


_KINDS = {"failed": "failed", "error": "error", "skipped": "skipped", "tolerated": "skipped"}


def _hold_junit(xml: str, runs: Sequence[Any]) -> None:
    """Hold the XML to `result.json`: the same steps, red where that is, also to its consumers."""
    steps = [(_KINDS.get(case["outcome"], "passed"), "") for run in runs for case in run["cases"]]
    red = any(run["verdict"] not in ("passed", "tolerated") for run in runs)
    for consumer in CONSUMERS:
        assert misreadings(consumer, xml, Truth(red, tuple(steps))) == []
    root = ET.fromstring(xml)
    for saved, suite in zip(runs, root.iter("testsuite"), strict=True):
        cases = suite.findall("testcase")
        ended = Counter(map(_ended, cases))
        counted = {
            "tests": len(cases),
            "failures": ended["failure"],
            "errors": ended["error"],
            "skipped": ended["skipped"],
        }
        assert {name: int(suite.attrib[name]) for name in counted} == counted
        shown = Counter(_ended(case) for case in cases if not _is_whole(case))
        reds = {"failure": "failed", "error": "error"}
        assert {kind: shown[kind] for kind in reds} == {
            kind: sum(case["outcome"] == outcome for case in saved["cases"])
            for kind, outcome in reds.items()
        }
        is_red = saved["verdict"] not in ("passed", "tolerated")
        assert bool(ended["failure"] + ended["error"]) is is_red
        assert bool(ended["failure"]) is (saved["verdict"] == "failed")
        if not saved["cases"]:
            assert [_is_whole(case) for case in cases] == [True]
    for name in ("tests", "failures", "errors"):
        total = sum(int(suite.attrib[name]) for suite in root.iter("testsuite"))
        assert int(root.attrib[name]) == total


def _ended(case: ET.Element) -> str:
    found = [kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None]
    assert len(found) <= 1
    return found[0] if found else "passed"


def _is_whole(case: ET.Element) -> bool:
    return case.attrib["name"] == RUN_CASE and case.attrib["classname"].endswith(RUN_CLASS)
