"""Modified result.json files: what no gate wrote excuses nothing.

Files of real gates are changed at random. Whoever reads one is green only where all that the
verdict rests on is as it was.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from support.builders import copy_of
from support.soundness.answers import answer_of
from support.soundness.in_process import run
from support.soundness.platform import Platform, Scripted

NIGHTLY = os.environ.get("GATEKEEPER_SOUNDNESS") == "nightly"
EXAMPLES = 20_000 if NIGHTLY else 250
# These found what is mended by now.
FOUND = (137, 721, 1445, 1493, 1690, 1695, 1799, 2333, 2898)
# How many files were read, by whom and what came of it.
READ: Counter[str] = Counter()

_Test = Callable[[random.Random, Mapping[str, Any], Path], None]


def for_many_files(
    test: _Test,
) -> Callable[[Mapping[str, Any], Path, Callable[[str], None]], None]:
    """Make a test of many changed files, each by a seed that a failure tells."""

    def tests(files: Mapping[str, Any], folder: Path, say_held: Callable[[str], None]) -> None:
        before = READ.copy()
        for seed in (*FOUND, *range(EXAMPLES)):
            try:
                test(random.Random(seed), files, folder)  # noqa: S311 - the same each time
            except Exception as error:
                raise AssertionError(f"of seed {seed}") from error
        say_held(
            f"{len(FOUND) + EXAMPLES:,} changed files: {dict(sorted((READ - before).items()))}"
        )

    tests.__name__ = test.__name__
    return tests


_KNOWN = '[[known-failure]]\nstep = "one"\nreason = "BOT-1"\nuntil = 2999-01-31\n'


class _Gate(NamedTuple):
    """A gate that really ran: what its attempts came to, in which shape, what was asked for."""

    ends: tuple[str, ...]
    shape: str = "detailed"
    toml: str = ""
    options: tuple[str, ...] = ()


GATES: Mapping[str, _Gate] = {
    "passed": _Gate(("passed",)),
    "passed, no step results": _Gate(("passed",), "no step results"),
    "flaky": _Gate(("failed", "passed"), options=("--retries", "1")),
    "tolerated": _Gate(("failed",), toml=_KNOWN),
    "tolerated, no step results": _Gate(("failed",), "no step results", "min-pass-rate = 60\n"),
    "accepted": _Gate(("skipped",), toml='accept = ["not-executed"]\n'),
    "failed": _Gate(("failed",)),
    "all failed": _Gate(("all failed",)),
    "failed twice": _Gate(("failed", "failed"), options=("--retries", "1")),
    "failed, then broken": _Gate(("failed", "error"), options=("--retries", "1")),
    "flaky, failed for it": _Gate(
        ("failed", "passed"), options=("--retries", "1", "--fail-on-flaky")
    ),
    "failed, no step results": _Gate(("failed",), "no step results"),
    "mixed": _Gate(("mixed",)),
    "skipped": _Gate(("skipped",)),
    "error": _Gate(("error",)),
    "timeout": _Gate(("timeout",)),
    "not started": _Gate(("refused",)),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Run real gates, and return what they wrote."""
    folder = tmp_path_factory.mktemp("real")
    written = {}
    for name, gate in GATES.items():
        _script(gate)
        (folder / "gatekeeper.toml").write_text(gate.toml, encoding="utf-8")
        arguments = ["gate", "--test-suite", "Booking", "--report-dir", name]
        run(folder, [*arguments, "--reports", "result", *gate.options], Scripted)
        written[name] = json.loads((folder / name / "result.json").read_bytes())
    return written


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder to work in, with the reports of a second shard."""
    folder = tmp_path_factory.mktemp("read")
    Platform.script = {"Claims": ["pass"]}
    arguments = ["gate", "--test-suite", "Claims", "--shard", "2/2", "--report-dir", "second"]
    assert run(folder, arguments)[0] == 0
    return folder


def _script(gate: _Gate) -> None:
    Scripted.started = 0
    Scripted.answers = [
        None if end == "refused" else answer_of(end, gate.shape, f"ctr-m{number}")
        for number, end in enumerate(gate.ends, 1)
    ]


_WORDS = ("passed", "failed", "error", "timeout", "skipped", "tolerated")
_TEXTS = ("", " ", "one", "ctr-m1", "\ud800", "\x00\x1b[31m\x07", "\u202e", "x" * 70_000, "001 one")
_NUMBERS = (0, 1, 2, 3, 5, 15, -1, -3, 2**31, 2**63, 2**70, -(2**70), 1e300, 0.5, 3.0)
_NO_NUMBERS = (float("nan"), float("inf"), float("-inf"))
_TIMES = ("2026-05-04T03:02:01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
_VALUES: tuple[Any, ...] = (
    *_WORDS,
    *_TEXTS,
    *_NUMBERS,
    *_NO_NUMBERS,
    *_TIMES,
    *(None, True, False, [], {}, [[]], [None], ["x"], {"x": 1}),
    {"index": 1, "total": 1},
    {"index": 1, "total": 2},
    {"index": 2, "total": 1},
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """List all places in a document, each as what holds it and its name or number there."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for name, inner in list(inside):
        found.append((value, name))
        if isinstance(inner, dict | list):
            found += _places(inner)
    return found


def _drop(rng: random.Random, places: list[tuple[Any, Any]]) -> None:
    holder, name = rng.choice(places)
    del holder[name]


def _replace(rng: random.Random, places: list[tuple[Any, Any]]) -> None:
    holder, name = rng.choice(places)
    holder[name] = copy_of(rng.choice(_VALUES))


def _move(rng: random.Random, places: list[tuple[Any, Any]]) -> None:
    """Copy a value to another place, where one of its kind may stand."""
    source, name = rng.choice(places)
    value = copy_of(source[name])
    alike = [place for place in places if type(place[0][place[1]]) is type(value)]
    holder, other = rng.choice(alike)
    holder[other] = value


def _swap(rng: random.Random, places: list[tuple[Any, Any]]) -> None:
    holder, name = rng.choice(places)
    # Of one name, for others would seldom be read.
    alike = [place for place in places if place[1] == name]
    other, other_name = rng.choice(alike)
    values = copy_of(holder[name]), copy_of(other[other_name])
    other[other_name], holder[name] = values


def _double(rng: random.Random, places: list[tuple[Any, Any]]) -> None:
    lists = [place for place in places if isinstance(place[0], list)] or places
    holder, name = rng.choice(lists)
    if isinstance(holder, list):
        holder.insert(name, copy_of(holder[name]))


def _nest(rng: random.Random, places: list[tuple[Any, Any]]) -> None:
    holder, name = rng.choice(places)
    holder[name] = [holder[name]]


Change = Callable[[random.Random, list[tuple[Any, Any]]], None]
CHANGES: tuple[Change, ...] = (_drop, _replace, _replace, _move, _swap, _double, _nest)


def _cut(body: bytes, rng: random.Random) -> bytes:
    return body[: rng.randint(0, len(body) - 2)]


def _name_twice(body: bytes, rng: random.Random) -> bytes:
    name = rng.choice(["verdict", "exit_code", "runs", "steps", "outcome"])
    value = rng.choice(['"passed"', "0", "[]", "{}"])
    return _insert(body, rng, f'"{name}": {value}')


def _deep(body: bytes, rng: random.Random) -> bytes:
    depth = rng.choice([150, 300, 5_000, 100_000])
    return _insert(body, rng, f'"x": {"[" * depth}{"]" * depth}')


def _insert(body: bytes, rng: random.Random, member: str) -> bytes:
    """Put a member into any object of a document."""
    at = rng.randint(0, body.count(b"{") - 1 if b"{" in body else 0)
    before, after = b"{".join(body.split(b"{")[: at + 1]), b"{".join(body.split(b"{")[at + 1 :])
    comma = b"" if after.lstrip().startswith(b"}") else b","
    return before + b"{" + member.encode() + comma + after


def _flip(body: bytes, rng: random.Random) -> bytes:
    at = rng.randint(0, len(body) - 1)
    return body[:at] + rng.randbytes(rng.randint(0, 3)) + body[at + 1 :]


Spelling = Callable[[bytes, random.Random], bytes]
SPELLINGS: tuple[Spelling, ...] = (
    _cut,
    _name_twice,
    _deep,
    _flip,
    lambda body, _: b"\xef\xbb\xbf" + body,
    lambda body, _: body.decode().encode("utf-16"),
    lambda body, _: body + b"\x00",
    lambda body, _: body + body,
    lambda _body, _: b"",
)


def _draw(rng: random.Random, files: Mapping[str, Any]) -> tuple[str, bytes, bool]:
    """Change a real file; return its gate's name, the file, and whether its core is as it was."""
    name = rng.choice(list(files))
    document = copy_of(files[name])
    # What fewer changes than these could make green of red, there is none.
    for _ in range(rng.randint(0, 3)):
        rng.choice(CHANGES)(rng, _places(document))
        if not document:
            break
    body = json.dumps(document, indent=2).encode()
    if rng.randint(0, 3) == 0:
        body = rng.choice(SPELLINGS)(body, rng)
    return name, body, _core_of(body, files[name]) == _core(files[name])


def _core_of(body: bytes, original: Any) -> Any:
    """Return what the verdict rests on; nothing where the file has no such thing."""
    try:
        document = json.loads(body.decode("utf-8-sig", "replace"), object_pairs_hook=_once)
        [real] = original["runs"]
        runs = document["runs"]
        # Another run of the suite that went alike, or less detail, is what a gate may well write.
        if len({saved.get("test_run_id") for saved in runs}) == len(runs):
            document["runs"] = [
                saved for saved in runs[1:] if _core_of_run(saved) != _core_of_run(real)
            ] + runs[:1]
        for saved in document["runs"]:
            pairs = zip((saved, *_earlier(saved)), (real, *_earlier(real)), strict=True)
            for changed, as_it_was in pairs:
                changed["cases"] = changed.get("cases") or as_it_was["cases"]
        return _core(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _core(document: Any) -> Any:
    runs = document["runs"]
    head = {name: document[name] for name in ("schema", "verdict", "exit_code")}
    rest = (document.get("interrupted_by"), document.get("unwritten", []))
    return (
        head,
        rest,
        [(_core_of_run(each), list(map(_core_of_run, _earlier(each)))) for each in runs],
    )


def _earlier(saved: Any) -> Any:
    return saved.get("earlier", [])


_COUNTS = ("total", "passed", "failed", "error", "skipped", "tolerated")


def _core_of_run(saved: Any) -> Any:
    green = saved["verdict"] in ("passed", "tolerated")
    return (
        saved["verdict"],
        saved.get("flaky", False),
        {name: saved.get("steps", {}).get(name, 0) for name in _COUNTS},
        green and _outcomes(saved),
        saved["verdict"] == "passed" and saved.get("reasons", []),
        saved.get("attempt", 1),
        [
            (case["index"], case["outcome"], _outcomes(case), bool(case.get("reasons")))
            for case in saved.get("cases", [])
        ],
        len(_earlier(saved)),
    )


def _outcomes(judged: Any) -> set[str]:
    return {failure["outcome"] for failure in judged.get("failures", [])}


def _put(folder: Path, name: str, body: bytes) -> None:
    shutil.rmtree(folder / name, ignore_errors=True)
    (folder / name).mkdir(parents=True)
    (folder / name / "result.json").write_bytes(body)


@for_many_files
@pytest.mark.proves(
    "a result.json changed at random, merged",
    "never green unless a gate could have written it",
)
def test_merge_is_never_green_by_a_file_that_no_gate_wrote(
    rng: random.Random, files: Mapping[str, Any], folder: Path
) -> None:
    name, body, same = _draw(rng, files)
    _put(folder, "first", body)
    code, log = run(folder, ["merge", "first", "--report-dir", "merged"])
    READ[f"merge: exit {code}"] += 1
    assert code in (0, 1, 3, 4, 5), log
    green = files[name]["exit_code"] == 0
    assert code != 0 or (green and same), (name, body)
    if body == json.dumps(files[name], indent=2).encode():
        assert code == files[name]["exit_code"]
    ET.fromstring((folder / "merged" / "junit.xml").read_bytes())
    # What is written of it can be read again, and says the same.
    again, _ = run(folder, ["merge", "merged", "--report-dir", "again", "--reports", "result"])
    assert again == code


@for_many_files
@pytest.mark.proves(
    "a shard's result.json changed at random, merged",
    "never green unless a gate could have written it",
)
def test_a_shard_is_never_green_by_a_file_that_no_gate_wrote(
    rng: random.Random, files: Mapping[str, Any], folder: Path
) -> None:
    sharded = {name: file | {"shard": {"index": 1, "total": 2}} for name, file in files.items()}
    name, body, same = _draw(rng, sharded)
    _put(folder, "first", body)
    arguments = ["merge", "first", "second", "--report-dir", "merged", "--reports", "result"]
    code, log = run(folder, arguments)
    READ[f"merge of shards: exit {code}"] += 1
    assert code in (0, 1, 3, 4, 5), log
    assert code != 0 or (sharded[name]["exit_code"] == 0 and same), (name, body)


@for_many_files
@pytest.mark.proves(
    "a result.json changed at random, as a baseline",
    "excuses nothing, and is named",
)
def test_a_baseline_never_excuses_by_a_file_that_no_gate_wrote(
    rng: random.Random, files: Mapping[str, Any], folder: Path
) -> None:
    name, body, same = _draw(rng, files)
    _put(folder, "before", body)
    (folder / "gatekeeper.toml").write_text('baseline = "before/result.json"\n', encoding="utf-8")
    _script(_Gate(("failed",)))
    arguments = ["gate", "--test-suite", "Booking", "--report-dir", "now", "--reports", "result"]
    code, log = run(folder, arguments, Scripted)
    READ[f"baseline: exit {code}"] += 1
    assert code in (0, 1, 2), log
    # Of a file that is whole, another step may have been the one that failed.
    failed = {case["outcome"] for case in files[name]["runs"][0]["cases"]} & {"failed", "tolerated"}
    assert code != 0 or (same and failed), (name, body)


@for_many_files
@pytest.mark.proves(
    "a result.json changed at random, in a history",
    "the verdict is the same",
)
def test_history_changes_no_verdict_whatever_lies_there(
    rng: random.Random, files: Mapping[str, Any], folder: Path
) -> None:
    _, body, _ = _draw(rng, files)
    _put(folder, "past/1", body)
    (folder / "gatekeeper.toml").unlink(missing_ok=True)
    _script(_Gate(("failed",)))
    arguments = ["gate", "--test-suite", "Booking", "--report-dir", "now", "--history", "past"]
    code, log = run(folder, [*arguments, "--reports", "page,summary"], Scripted)
    READ[f"history: exit {code}"] += 1
    assert code == 1, log


@for_many_files
@pytest.mark.proves(
    "a result.json changed at random, as durations of a plan",
    "every suite is in the plan, once",
)
def test_a_plan_has_all_suites_whatever_it_was_balanced_by(
    rng: random.Random, files: Mapping[str, Any], folder: Path
) -> None:
    _, body, _ = _draw(rng, files)
    _put(folder, "first", body)
    suites = ["--test-suite", "Booking", "--test-suite", "Claims", "--test-suite", "Quotes"]
    code, log = run(folder, ["plan", "--shards", "2", "--durations", "first", *suites])
    READ[f"plan: exit {code}"] += 1
    assert code == 0, log
    [plan] = [line for line in log.splitlines() if line.startswith("{")]
    planned = [each["suites"].split("\n") for each in json.loads(plan)["include"]]
    assert sorted(suite for job in planned for suite in job) == ["Booking", "Claims", "Quotes"]
    assert len(planned) == 2
